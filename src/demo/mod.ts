/**
 * What Weir serves when it is given nothing: a definition of openly licensed films, the test card,
 * the notice clips and the posters. All of it is part of the module, so nothing is read from disk.
 * `scripts/clips.ts` makes the clips and the pictures.
 *
 * @module
 */

import filmsText from "./films.json" with { type: "text" };
import capacity from "./clips/capacity.mp4" with { type: "bytes" };
import closed from "./clips/closed.mp4" with { type: "bytes" };
import slow from "./clips/slow.mp4" with { type: "bytes" };
import testCard from "./clips/test-card.mp4" with { type: "bytes" };
import unavailable from "./clips/unavailable.mp4" with { type: "bytes" };
import background from "./art/background.jpg" with { type: "bytes" };
import bigBuckBunny from "./art/big-buck-bunny.jpg" with { type: "bytes" };
import caminandes from "./art/caminandes.jpg" with { type: "bytes" };
import cosmosLaundromat from "./art/cosmos-laundromat.jpg" with { type: "bytes" };
import elephantsDream from "./art/elephants-dream.jpg" with { type: "bytes" };
import logo from "./art/logo.png" with { type: "bytes" };
import sintel from "./art/sintel.jpg" with { type: "bytes" };
import spring from "./art/spring.jpg" with { type: "bytes" };
import spriteFright from "./art/sprite-fright.jpg" with { type: "bytes" };
import tearsOfSteel from "./art/tears-of-steel.jpg" with { type: "bytes" };
import testCardPoster from "./art/test-card.jpg" with { type: "bytes" };
import wingIt from "./art/wing-it.jpg" with { type: "bytes" };

/** A clip of our own: the test card, or what a viewer is shown for a cause. */
export type ClipName = "test-card" | "capacity" | "closed" | "slow" | "unavailable";

/** A picture of our own. */
export type Picture = {
  /** The whole file. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  type: "image/jpeg" | "image/png";
};

/** The built-in definition, as the JSON text that an `ADDON_FILE` would hold. */
export const films: string = filmsText;

/** The clips, whole MP4 files, by name; `/clips/<name>.mp4` is where films and notices expect them. */
export const clips: Readonly<Record<ClipName, Uint8Array<ArrayBuffer>>> = {
  "test-card": testCard,
  capacity,
  closed,
  slow,
  unavailable,
};

/** The pictures, by file name; `/art/<file name>` is where the definition expects them. */
export const art: Readonly<Record<string, Picture>> = {
  "logo.png": { bytes: logo, type: "image/png" },
  "background.jpg": jpeg(background),
  "test-card.jpg": jpeg(testCardPoster),
  "elephants-dream.jpg": jpeg(elephantsDream),
  "big-buck-bunny.jpg": jpeg(bigBuckBunny),
  "sintel.jpg": jpeg(sintel),
  "tears-of-steel.jpg": jpeg(tearsOfSteel),
  "cosmos-laundromat.jpg": jpeg(cosmosLaundromat),
  "spring.jpg": jpeg(spring),
  "sprite-fright.jpg": jpeg(spriteFright),
  "wing-it.jpg": jpeg(wingIt),
  "caminandes.jpg": jpeg(caminandes),
};

function jpeg(bytes: Uint8Array<ArrayBuffer>): Picture {
  return { bytes, type: "image/jpeg" };
}
