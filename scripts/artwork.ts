// Pure: values in, values out.

/**
 * The drawings behind the clips and the posters, as SVG text. The type is DejaVu Sans, as in
 * Debian's `fonts-dejavu-core`.
 *
 * @module
 */

/** What a notice clip says. */
export type Notice = {
  /** The large line; at most 28 letters fit. */
  headline: string;
  /** The line below it: what the viewer can do. */
  advice: string;
  /** SVG shapes in a field of 240 × 96 above the headline. */
  emblem: string;
};

/** What a poster shows. */
export type Poster = {
  /** The film's title. */
  title: string;
  /** The small line at the foot: its year, say. */
  foot: string;
  /** Two colours: the ground above and below. */
  ground: readonly [string, string];
  /** SVG shapes in a field of 300 × 300 above the title. */
  motif: string;
};

const INK = "#0c1a21";
const PALE = "#eaf6f9";
const MIST = "#9fc0cb";
const WATER = ["#a5e6f2", "#55bcd4", "#2b7f9c"];

const FLOW =
  `<g fill="none" stroke-width="17" stroke-linecap="round"><path d="M30 78H96C168 78 132 156 204 156H226" stroke="${
    WATER[0]
  }"/><path d="M30 110H88C160 110 124 188 196 188H226" stroke="${
    WATER[1]
  }"/><path d="M30 142H80C134 142 116 220 178 220H226" stroke="${WATER[2]}" opacity=".9"/></g>`;

function seat(x: number): string {
  return `<path transform="translate(${x} 0)" d="M10 8h36a8 8 0 0 1 8 8v34H2V16a8 8 0 0 1 8-8zM0 58h56v14a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z"/>`;
}

/** The four notices, by the name of their clip. */
export const notices: Readonly<Record<string, Notice>> = {
  capacity: {
    headline: "All seats are taken",
    advice: "Please try again in a little while",
    emblem: `<g fill="${WATER[1]}">${[0, 72, 144].map(seat).join("")}</g>`,
  },
  closed: {
    headline: "Closed right now",
    advice: "See the opening hours in the list",
    emblem: `<g fill="none" stroke="${
      WATER[1]
    }" stroke-width="8" stroke-linecap="round"><circle cx="46" cy="46" r="40"/><path d="M46 22v24l18 12"/></g>`,
  },
  slow: {
    headline: "The source is slow right now",
    advice: "Please try again in a moment",
    emblem: `<g fill="${
      WATER[1]
    }"><circle cx="18" cy="48" r="16"/><circle cx="74" cy="48" r="16" opacity=".65"/><circle cx="130" cy="48" r="16" opacity=".35"/></g>`,
  },
  unavailable: {
    headline: "Not available right now",
    advice: "Please try again in a moment",
    emblem: `<g fill="none" stroke="${
      WATER[1]
    }" stroke-width="8" stroke-linecap="round"><path d="M4 48h58M138 48h58"/><path d="M88 34l24 28M112 34L88 62"/></g>`,
  },
};

function svg(width: number, height: number, inner: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="DejaVu Sans">${inner}</svg>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** The logo: water that falls over a weir, 256 × 256. */
export function logo(): string {
  return svg(256, 256, `<rect width="256" height="256" fill="${INK}"/>${FLOW}`);
}

/** The addon's wide background, 1280 × 720: the same water, large and quiet. */
export function background(): string {
  const bands = [0, 1, 2].map((i) =>
    `<path d="M-40 ${250 + i * 110}H520C760 ${250 + i * 110} 660 ${470 + i * 110} 900 ${
      470 + i * 110
    }H1320" stroke="${WATER[i]}" opacity="${0.34 - i * 0.08}"/>`
  );
  return svg(
    1280,
    720,
    `<rect width="1280" height="720" fill="${INK}"/><g fill="none" stroke-width="56">${
      bands.join("")
    }</g>`,
  );
}

/** A notice's still card, 1280 × 720; the waves at its foot are laid over it. */
export function noticeCard(notice: Notice): string {
  const size = Math.min(84, Math.floor(1800 / notice.headline.length));
  const baseline = 300 + Math.round(0.7 * size);
  return svg(
    1280,
    720,
    `<rect width="1280" height="720" fill="${INK}"/>
    <g transform="translate(104 150)">${notice.emblem}</g>
    <text x="100" y="${baseline}" font-size="${size}" font-weight="bold" fill="${PALE}">${
      escaped(notice.headline)
    }</text>
    <text x="102" y="${baseline + 74}" font-size="42" fill="${MIST}">${
      escaped(notice.advice)
    }</text>
    <g transform="translate(1048 52) scale(.26)">${FLOW}</g>
    <text x="1116" y="104" font-size="36" font-weight="bold" fill="${PALE}">Weir</text>`,
  );
}

/** A strip of waves, wider than the screen by one `period` in pixels, so that it can glide. */
export function waves(period: number, options: { height: number; shade: number }): string {
  const { height, shade } = options;
  const half = period / 2;
  const crests = Array.from(
    { length: Math.ceil(1280 / period) + 1 },
    () => `q${half / 2} ${-height} ${half} 0t${half} 0`,
  );
  return svg(
    1280 + period,
    200,
    `<path d="M0 40${crests.join("")}V200H0z" fill="${WATER[shade]}"/>`,
  );
}

/** The test card's still ground, 1280 × 720. */
export function testCard(): string {
  const bars = ["#ebebeb", "#ebeb10", "#10ebeb", "#10eb10", "#eb10eb", "#eb1010", "#1010eb"];
  const greys = Array.from({ length: 11 }, (_, i) => `rgb(${Array(3).fill(i * 25.5)})`);
  const column = (colours: string[], y: number, height: number) =>
    colours.map((colour, i) =>
      `<rect x="${80 + (1120 / colours.length) * i}" y="${y}" width="${
        1120 / colours.length + 1
      }" height="${height}" fill="${colour}"/>`
    ).join("");
  const grid = Array.from({ length: 15 }, (_, i) => `M${80 * (i + 1)} 0V720`).join("") +
    Array.from({ length: 8 }, (_, i) => `M0 ${80 * (i + 1)}H1280`).join("");
  return svg(
    1280,
    720,
    `<rect width="1280" height="720" fill="#5a6b72"/>
    <path d="${grid}" stroke="#dfe9ec" stroke-width="2"/>
    ${column(bars, 80, 320)}${column(greys, 560, 80)}
    <circle cx="640" cy="360" r="300" fill="none" stroke="${PALE}" stroke-width="4"/>
    <rect x="320" y="400" width="640" height="160" fill="${INK}"/>
    <g transform="translate(344 430) scale(.4)">${FLOW}</g>
    <text x="464" y="474" font-size="52" font-weight="bold" fill="${PALE}">Test card</text>
    <text x="466" y="522" font-size="30" fill="${MIST}">Weir, 1280 × 720</text>
    <circle cx="640" cy="240" r="132" fill="${INK}" stroke="${PALE}" stroke-width="4"/>`,
  );
}

/** The test card's hand, 264 × 264, pointing up; it is turned about its middle. */
export function testHand(): string {
  return svg(264, 264, `<path d="M132 132V18" stroke="${WATER[1]}" stroke-width="8"/>`);
}

/** A film's poster, 300 × 450. */
export function poster(film: Poster): string {
  const lines = film.title.split(" ").reduce<string[]>((all, word) => {
    const last = all.at(-1);
    if (last === undefined || last.length + word.length > 9) return [...all, word];
    return [...all.slice(0, -1), `${last} ${word}`];
  }, []);
  const size = Math.min(40, Math.floor(350 / Math.max(...lines.map((line) => line.length))));
  const first = 384 - (lines.length - 1) * (size + 6);
  const title = lines.map((line, i) =>
    `<text x="24" y="${
      first + i * (size + 6)
    }" font-size="${size}" font-weight="bold" fill="#fff">${escaped(line)}</text>`
  );
  return svg(
    300,
    450,
    `<linearGradient id="g" x2="0" y2="1"><stop stop-color="${
      film.ground[0]
    }"/><stop offset="1" stop-color="${film.ground[1]}"/></linearGradient>
    <rect width="300" height="450" fill="url(#g)"/>${film.motif}${title.join("")}
    <text x="25" y="418" font-size="17" fill="#fff" opacity=".8">${escaped(film.foot)}</text>`,
  );
}
