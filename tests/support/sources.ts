/**
 * The sources of the house as its rules see them.
 *
 * @module
 */

/** One file of `src/`. */
export type SourceFile = {
  /** From `src/`, as `gate/policy.ts`. */
  path: string;
  /** The room that it stands in: its first folder, or its name for a file of `src/` itself. */
  room: string;
  text: string;
  /** The text without comments and strings. */
  code: string;
  imports: Import[];
};

/** One `import … from` or `export … from`. */
export type Import = {
  /** From `src/` where it is relative, a bare name otherwise. */
  target: string;
  relative: boolean;
  typeOnly: boolean;
};

const ROOT = new URL("../../src/", import.meta.url);

/** Every TypeScript file of `src/`, in the order of their paths. */
export async function sources(): Promise<SourceFile[]> {
  const paths: string[] = [];
  await walk(ROOT, (url) => paths.push(url.href.slice(ROOT.href.length)));
  return await Promise.all(
    paths.filter((path) => path.endsWith(".ts")).sort().map(async (path) => {
      return readSource(path, await Deno.readTextFile(new URL(path, ROOT)));
    }),
  );
}

/** Reads one file's text. */
export function readSource(path: string, text: string): SourceFile {
  const room = path.includes("/") ? path.split("/")[0]! : path.replace(/\.ts$/, "");
  return { path, room, text, code: codeOf(text), imports: importsOf(path, text) };
}

/** Files that import each other in a circle, as the paths around it; none where there is none. */
export function circle(files: readonly SourceFile[]): string[] | undefined {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  function visit(path: string, way: readonly string[]): string[] | undefined {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const { target } of byPath.get(path)?.imports ?? []) {
      const found = visit(target, [...way, path]);
      if (found !== undefined) return found;
    }
    done.add(path);
    return undefined;
  }
  for (const { path } of files) {
    const found = visit(path, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function walk(folder: URL, onFile: (url: URL) => void): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await walk(new URL(`${name}/`, folder), onFile);
    else onFile(new URL(name, folder));
  }
}

function importsOf(path: string, text: string): Import[] {
  const names = String.raw`\*(?:\s+as\s+\w+)?|\{[^}]*\}|\w+(?:\s*,\s*\{[^}]*\})?`;
  const statement = new RegExp(
    String.raw`^(?:import|export)(\s+type)?\s+(?:(${names})\s+from\s+)?"([^"]+)"`,
    "gm",
  );
  return [...text.matchAll(statement)].map(([, type, named = "", specifier]) => {
    const relative = specifier!.startsWith(".");
    const each = /\{([^}]*)\}/.exec(named)?.[1]?.split(",").map((name) => name.trim())
      .filter((name) => name !== "");
    return {
      relative,
      target: relative
        ? new URL(specifier!, new URL(path, ROOT)).href.slice(ROOT.href.length)
        : specifier!,
      typeOnly: type !== undefined || (each?.every((name) => name.startsWith("type ")) ?? false),
    };
  });
}

/** Templates stay: they hold code, and a word too many in their prose is soon seen. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*|"(?:[^"\\\n]|\\.)*"/gm, "");
}
