import { parseDefinition } from "../src/addon/definition.ts";
import { assertEquals } from "./support/assert.ts";
import { sampleText } from "./support/definition.ts";
import type { Fault } from "./support/definition_faults.ts";

const PREFIX = "must begin with one of manifest.idPrefixes";
const WHOLE = "must be a whole number from 0";
const EPISODE = "must be the id of a video, or of a meta without videos";

const FAULTS: readonly Fault[] = [
  [
    "two catalogs of the same type and id",
    "catalogs/2/id",
    "films",
    'catalogs[2].id: must not repeat that of catalogs[0], current value is "films"',
  ],
  [
    "two metas of the same type and id",
    "metas/1/id",
    "weir:sintel",
    'metas[1].id: must not repeat that of metas[0], current value is "weir:sintel"',
  ],
  [
    "two videos of the same id",
    "metas/3/videos/1/id",
    "weir:caminandes:0:1",
    'metas[3].videos[1].id: must not repeat that of videos[0], current value is "weir:caminandes:0:1"',
  ],
  [
    "a meta's id without prefix",
    "metas/1/id",
    "elan",
    `metas[1].id: ${PREFIX}, current value is "elan"`,
  ],
  [
    "a video's id without prefix",
    "metas/3/videos/0/id",
    "making-of",
    `metas[3].videos[0].id: ${PREFIX}, current value is "making-of"`,
  ],
  [
    "a series without videos",
    "metas/4/type",
    "series",
    "metas[4].videos: must have a video, being a series, current value is a list of 0",
  ],
  [
    "a series' video without episode",
    "metas/3/videos/0/episode",
    undefined,
    `metas[3].videos[0].episode: ${WHOLE}, it is missing`,
  ],
  [
    "a catalog's unknown meta",
    "catalogs/2/metas/0",
    "weir:none",
    `catalogs[2].metas[0]: must be the id of a meta of the catalog's type, current value is "weir:none"`,
  ],
  [
    "a catalog's meta of another type",
    "catalogs/2/metas/0",
    "weir:caminandes",
    `catalogs[2].metas[0]: must be the id of a meta of the catalog's type, current value is "weir:caminandes"`,
  ],
  [
    "a catalog that names a meta twice",
    "catalogs/2/metas/0",
    "weir:sintel",
    'catalogs[2].metas[1]: must not name a meta twice, current value is "weir:sintel"',
  ],
  [
    "a catalog that shows nothing",
    "catalogs/1/type",
    "tv",
    'catalogs[1].type: must be the type of at least one meta, current value is "tv"',
  ],
  [
    "streams of an unknown episode",
    "streams/weir:none",
    [{ url: "/a.mp4" }],
    `streams["weir:none"]: ${EPISODE}, current value is "weir:none"`,
  ],
  ["streams of a series in place of its videos", "streams/weir:caminandes", [{
    url: "/a.mp4",
  }], `streams["weir:caminandes"]: ${EPISODE}, current value is "weir:caminandes"`],
  [
    "an episode's number without its season, in whatever type",
    "metas/4/videos",
    [{ id: "tt1:1", title: "One", episode: 1 }],
    `metas[4].videos[0].season: ${WHOLE}, it is missing`,
  ],
];

for (const [claim, path, value, problem] of FAULTS) {
  Deno.test(`parseDefinition() tells of ${claim}`, () => {
    const parsed = parseDefinition(sampleText(path, value));
    assertEquals(parsed.ok ? [] : parsed.problems, [problem]);
  });
}

Deno.test("parseDefinition() tells of streams whose episode has no prefix", () => {
  const parsed = parseDefinition(sampleText("streams/none", [{ url: "/a.mp4" }]));
  assertEquals(parsed.ok ? [] : parsed.problems, [
    `streams.none: ${PREFIX}, current value is "none"`,
    `streams.none: ${EPISODE}, current value is "none"`,
  ]);
});
