// Pure: values in, values out.

import type { Draft } from "./definition_draft.ts";
import { type Path, problem } from "./problem.ts";

/**
 * Every fault between the values of a definition: what a Stremio client would merge, never ask
 * for or never show, without a word. References are left alone while an id that they might mean
 * cannot be read.
 */
export function faults(draft: Draft): string[] {
  return [
    ...repeated(["catalogs"], draft.catalogs),
    ...repeated(["metas"], draft.metas),
    ...unprefixed(draft),
    ...draft.metas.flatMap(videoFaults),
    ...catalogFaults(draft),
    ...streamFaults(draft),
  ];
}

function repeated(
  path: Path,
  entries: readonly { readonly id: string; readonly type?: string }[],
): string[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ id, type = "" }, index) => {
    const key = `${type} ${id}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, index);
    if (earlier === undefined || id === "") return [];
    const rule = `must not repeat that of ${path.at(-1)}[${earlier}]`;
    return [problem([...path, index, "id"], rule, id)];
  });
}

function unprefixed({ idPrefixes, metas, streams }: Draft): string[] {
  if (idPrefixes.length === 0) return [];
  const check = (path: Path, id: string): string[] =>
    id === "" || idPrefixes.some((prefix) => id.startsWith(prefix))
      ? []
      : [problem(path, "must begin with one of manifest.idPrefixes", id)];
  return [
    ...metas.flatMap(({ id, videos }, index) => [
      ...check(["metas", index, "id"], id),
      ...videos.flatMap((video, at) => check(["metas", index, "videos", at, "id"], video.id)),
    ]),
    ...streams.flatMap((id) => check(["streams", id], id)),
  ];
}

// stremio-core lists a series' video only with season and episode both (`SeriesInfo`).
function videoFaults({ type, videos }: Draft["metas"][number], index: number): string[] {
  const path = ["metas", index, "videos"];
  const isSeries = type === "series";
  const halves = videos.flatMap(({ season, episode }, at) =>
    (["season", "episode"] as const).flatMap((key) => {
      const [own, other] = key === "season" ? [season, episode] : [episode, season];
      const needed = isSeries || other !== undefined;
      return needed && own === undefined
        ? [problem([...path, at, key], "must be a whole number from 0", own)]
        : [];
    })
  );
  const empty = isSeries && videos.length === 0
    ? [problem(path, "must have a video, being a series", [])]
    : [];
  return [...empty, ...repeated(path, videos), ...halves];
}

function catalogFaults({ catalogs, metas }: Draft): string[] {
  const isLegible = metas.every(({ type, id }) => type !== "" && id !== "");
  return catalogs.flatMap(({ type, metas: chosen }, index) => {
    if (type === "") return [];
    const known = new Set(metas.filter((meta) => meta.type === type).map(({ id }) => id));
    const path = ["catalogs", index];
    if (chosen === undefined) {
      return known.size > 0 || !isLegible
        ? []
        : [problem([...path, "type"], "must be the type of at least one meta", type)];
    }
    const rule = "must be the id of a meta of the catalog's type";
    const seen = new Set<string>();
    return chosen.flatMap((id, at) => {
      const place = [...path, "metas", at];
      if (id === "") return [];
      if (seen.has(id)) return [problem(place, "must not name a meta twice", id)];
      seen.add(id);
      return known.has(id) || !isLegible ? [] : [problem(place, rule, id)];
    });
  });
}

// What Stremio asks streams for: a meta's videos, or the meta itself where it has none.
function streamFaults({ metas, streams }: Draft): string[] {
  const episodes = new Set(
    metas.flatMap(({ id, videos }) => videos.length === 0 ? [id] : videos.map((video) => video.id)),
  );
  if (episodes.has("")) return [];
  return streams
    .filter((id) => !episodes.has(id))
    .map((id) =>
      problem(["streams", id], "must be the id of a video, or of a meta without videos", id)
    );
}
