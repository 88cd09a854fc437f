// Pure: values in, values out.

import type { Poster } from "./artwork.ts";

/** The posters of the open films, by the name of their file. */
export const posters: Readonly<Record<string, Poster>> = {
  "test-card": {
    title: "Test card",
    foot: "Weir",
    ground: ["#31474f", "#0c1a21"],
    motif: ["#ebebeb", "#ebeb10", "#10ebeb", "#10eb10", "#eb10eb", "#eb1010", "#1010eb"]
      .map((colour, i) =>
        `<rect x="${24 + 36 * i}" y="70" width="36" height="150" fill="${colour}" opacity=".85"/>`
      ).join("") +
      `<circle cx="150" cy="145" r="104" fill="none" stroke="#eaf6f9" stroke-width="4"/>`,
  },
  "elephants-dream": {
    title: "Elephants Dream",
    foot: "2006",
    ground: ["#8a4a1f", "#1d0f0a"],
    motif: `<g fill="none" stroke="#f0b35e">${
      [30, 58, 86, 114, 142].map((r, i) =>
        `<circle cx="${150 + i * 6}" cy="${150 - i * 4}" r="${r}" stroke-width="${
          9 - i
        }" stroke-dasharray="${14 + i * 6} ${8 + i * 3}" opacity="${0.95 - i * 0.15}"/>`
      ).join("")
    }</g>`,
  },
  "big-buck-bunny": {
    title: "Big Buck Bunny",
    foot: "2008",
    ground: ["#9fd0e8", "#3c7a2e"],
    motif:
      `<g fill="#f4efe6"><ellipse cx="118" cy="96" rx="24" ry="74" transform="rotate(-10 118 96)"/><ellipse cx="186" cy="96" rx="24" ry="74" transform="rotate(12 186 96)"/><ellipse cx="152" cy="210" rx="82" ry="74"/></g><g fill="#e2a9a2"><ellipse cx="119" cy="100" rx="11" ry="52" transform="rotate(-10 119 100)"/><ellipse cx="185" cy="100" rx="11" ry="52" transform="rotate(12 185 100)"/><ellipse cx="152" cy="222" rx="13" ry="9"/></g><circle cx="122" cy="192" r="8" fill="#2b2320"/><circle cx="182" cy="192" r="8" fill="#2b2320"/><path d="M0 292q80-46 160-18t140-12v188H0z" fill="#2f6a26"/>`,
  },
  "sintel": {
    title: "Sintel",
    foot: "2010",
    ground: ["#c9d6df", "#3b2a33"],
    motif:
      `<circle cx="205" cy="104" r="52" fill="#f6e3c0"/><path d="M0 320l90-150 54 78 66-122 90 194v130H0z" fill="#5d4a56"/><path d="M210 126l-26 48 18-8 14 14 10-16 16 18z" fill="#eef3f6"/><path d="M36 96q40-34 66-4 22-34 70-20-38 8-48 40-8 22-24 6-16-34-64-22z" fill="#3b2a33"/>`,
  },
  "tears-of-steel": {
    title: "Tears of Steel",
    foot: "2012",
    ground: ["#1f5a66", "#0a1216"],
    motif:
      `<path d="M150 40c60 84 84 126 84 164a84 84 0 0 1-168 0c0-38 24-80 84-164z" fill="#86b7bd"/><path d="M150 40c60 84 84 126 84 164a84 84 0 0 1-84 84z" fill="#4c828a"/><g fill="none" stroke="#0a1216" stroke-width="5"><path d="M66 204h54l18-24h30l18 24h48M120 204v56M186 204v50"/></g><circle cx="153" cy="204" r="14" fill="#e2543d"/>`,
  },
  "cosmos-laundromat": {
    title: "Cosmos Laundromat",
    foot: "2015",
    ground: ["#4b2a78", "#120a2a"],
    motif:
      `<circle cx="150" cy="160" r="112" fill="#d9d3ea"/><circle cx="150" cy="160" r="90" fill="#1a1038"/><g fill="none" stroke-width="11" stroke-linecap="round"><path d="M150 160m-62 0a62 62 0 0 1 124 0" stroke="#ff8fb1"/><path d="M150 160m-40 18a44 44 0 0 0 84-10" stroke="#7fe0e8"/><path d="M150 160m-18-8a20 20 0 1 1 22 26" stroke="#ffd36b"/></g><g fill="#fff"><circle cx="100" cy="208" r="3"/><circle cx="202" cy="116" r="3"/><circle cx="212" cy="196" r="2"/><circle cx="90" cy="128" r="2"/></g>`,
  },
  "spring": {
    title: "Spring",
    foot: "2019",
    ground: ["#f2c879", "#2f5d50"],
    motif:
      `<path d="M0 330L110 120l60 96 44-66 86 150v150H0z" fill="#4d8068"/><path d="M110 120l-32 62 20-8 14 16 16-18 14 4z" fill="#f7f3e6"/><g transform="translate(150 262)" stroke="#244a3f" stroke-width="6" stroke-linecap="round" fill="none"><path d="M0 60V-40M0-6l-30-26M0-20l28-24M0 16l34-16"/></g><g fill="#f4768c"><circle cx="150" cy="216" r="13"/><circle cx="118" cy="228" r="11"/><circle cx="180" cy="216" r="11"/><circle cx="186" cy="260" r="10"/></g>`,
  },
  "sprite-fright": {
    title: "Sprite Fright",
    foot: "2021",
    ground: ["#2c6b57", "#1a0d1f"],
    motif:
      `<g transform="translate(0 -22)"><path d="M60 190a90 90 0 0 1 180 0q-90 26-180 0z" fill="#d8432f"/><path d="M116 198h68q-6 60 12 96h-92q18-36 12-96z" fill="#f3e4c8"/><g fill="#fbeee0"><circle cx="112" cy="156" r="13"/><circle cx="160" cy="128" r="16"/><circle cx="200" cy="164" r="10"/></g><circle cx="136" cy="232" r="7" fill="#1a0d1f"/><circle cx="166" cy="232" r="7" fill="#1a0d1f"/><path d="M134 258q17-14 34 0" stroke="#1a0d1f" stroke-width="5" fill="none"/></g>`,
  },
  "wing-it": {
    title: "Wing It!",
    foot: "2023",
    ground: ["#2b4fa3", "#f08a3c"],
    motif:
      `<g transform="rotate(24 150 160)"><path d="M150 40c44 40 50 110 36 180h-72c-14-70-8-140 36-180z" fill="#f4f1ea"/><circle cx="150" cy="128" r="21" fill="#2b4fa3" stroke="#d8432f" stroke-width="8"/><path d="M114 170l-58 40 62-4zM186 170l58 40-62-4z" fill="#d8432f"/><path d="M128 226h44l-22 62z" fill="#ffd35c"/></g>`,
  },
  "caminandes": {
    title: "Caminandes",
    foot: "2013-2016, three episodes",
    ground: ["#8fd3f0", "#c9954a"],
    motif:
      `<path d="M0 300q150-60 300-8v158H0z" fill="#a8763a"/><g fill="#f7efe0"><ellipse cx="160" cy="226" rx="74" ry="44"/><path d="M92 226q-14-70 0-126h34q6 70 12 110z"/><ellipse cx="98" cy="100" rx="40" ry="25"/><path d="M98 84l-6-36 18 8 6 30zM118 84l6-34 12 12-4 30z"/><path d="M108 250h18v58h-18zM192 250h18v58h-18z"/></g><circle cx="88" cy="96" r="6" fill="#33261a"/><path d="M236 300V190M276 300V190M220 216h80M220 252h80" stroke="#5d3f1d" stroke-width="8"/>`,
  },
};
