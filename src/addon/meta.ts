// Pure: values in, values out.

import { absoluteFields } from "../http/url.ts";
import type { Meta, Video } from "./definition_types.ts";
import { keyOf, type Lookup } from "./lookup.ts";
import { type MetaPreview, preview } from "./preview.ts";

/** A meta in full (stremio-core, `MetaItem`); every URL absolute, videos in order. */
export type MetaDetail = MetaPreview & Pick<Meta, "videos" | "country" | "language" | "website">;

/** The answer to `/meta/…`. */
export type MetaAnswer = { meta: MetaDetail };

/** A meta in full, or `undefined` where there is no such meta. */
export function meta(
  lookup: Lookup,
  { type, id, origin }: { type: string; id: string; origin: string },
): MetaAnswer | undefined {
  const entry = lookup.entries.get(keyOf({ type, id }));
  if (entry === undefined) return undefined;
  const { country, language, website, videos = [] } = entry.meta;
  return {
    meta: {
      ...preview(entry, origin),
      ...(country && { country }),
      ...(language && { language }),
      ...absoluteFields({ ...(website && { website }) }, origin),
      ...(videos.length > 0 && { videos: sorted(videos).map((video) => shown(video, origin)) }),
    },
  };
}

// As stremio-core sorts: specials (season 0) after the seasons, videos without numbers last, these
// in the operator's order.
function sorted(videos: readonly Video[]): Video[] {
  return [...videos].sort((a, b) =>
    rank(a) - rank(b) || (a.season ?? 0) - (b.season ?? 0) || (a.episode ?? 0) - (b.episode ?? 0)
  );
}

function rank({ season }: Video): number {
  if (season === undefined) return 2;
  return season === 0 ? 1 : 0;
}

function shown(video: Video, origin: string): Video {
  const { thumbnail } = video;
  return { ...video, ...absoluteFields({ ...(thumbnail && { thumbnail }) }, origin) };
}
