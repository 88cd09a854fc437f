// What the tests use of Stremio's own packages; their npm publications carry no types.

/** What the linter says (stremio-addon-linter, `lib/linter.js`). */
export type Lint = { valid: boolean; errors: Error[]; warnings: Error[] };

/** A manifest, as much of it as the tests read. */
export type Manifest = {
  id: string;
  version: string;
  types: string[];
  catalogs: { type: string; id: string; extra: { name: string; options?: string[] }[] }[];
};

/** An addon as the client sees it (stremio-addon-client, `lib/AddonClient.js`). */
export type Addon = {
  manifest: Manifest;
  transportUrl: string;
  isSupported(resource: string, type: string, id: string): boolean;
  /** Rejects with a record, not with an Error (`lib/errors.js`). */
  get(
    resource: string,
    type: string,
    id: string,
    extra?: Record<string, string | number>,
  ): Promise<Record<string, unknown>>;
};

declare const packages: {
  lintManifest(manifest: unknown): Lint;
  lintCollection(collection: unknown): Lint;
  detectFromURL(url: string): Promise<{ addon: Addon }>;
};
export default packages;
