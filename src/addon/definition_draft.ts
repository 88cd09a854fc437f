// Pure: values in, values out.

/**
 * What the rules between values need of a definition, read from JSON of any shape, so that they
 * can be judged although other values are at fault. An id or type that is no text is empty here.
 */
export type Draft = {
  /** The prefixes; an empty one fits every id. */
  readonly idPrefixes: readonly string[];
  /** The catalogs; `metas` is absent where a catalog names none. */
  readonly catalogs: readonly { type: string; id: string; metas?: readonly string[] }[];
  /** The metas. */
  readonly metas: readonly { type: string; id: string; videos: readonly DraftVideo[] }[];
  /** The episodes that have streams. */
  readonly streams: readonly string[];
};

/** One video; `undefined` stands for a number that is not given. */
export type DraftVideo = {
  readonly id: string;
  readonly season: unknown;
  readonly episode: unknown;
};

/** Reads a {@linkcode Draft}; never fails. */
export function draft(definition: unknown): Draft {
  return {
    idPrefixes: list(member(member(definition, "manifest"), "idPrefixes")).map(text),
    catalogs: list(member(definition, "catalogs")).map((catalog) => {
      const metas = member(catalog, "metas");
      return {
        ...named(catalog),
        ...(metas === undefined ? {} : { metas: list(metas).map(text) }),
      };
    }),
    metas: list(member(definition, "metas")).map((meta) => ({
      ...named(meta),
      videos: list(member(meta, "videos")).map((video) => ({
        id: text(member(video, "id")),
        season: member(video, "season"),
        episode: member(video, "episode"),
      })),
    })),
    streams: Object.keys(record(member(definition, "streams"))),
  };
}

function named(value: unknown): { type: string; id: string } {
  return { type: text(member(value, "type")), id: text(member(value, "id")) };
}

function member(value: unknown, key: string): unknown {
  return record(value)[key];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
