// Pure: values in, values out.

/**
 * The landing page, for `/` and `/configure`: what the addon is, what is in it, and three ways to
 * install it. One document that asks for nothing else but the definition's own pictures.
 *
 * @module
 */

import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from "./page_style.ts";

/** One catalog, as the page tells of it. */
export type PageCatalog = {
  /** The catalog's name. */
  name: string;
  /** The Stremio type of its metas: `movie`, `series`, … */
  type: string;
  /** How many metas it shows in all. */
  count: number;
  /** The names of the first few, in the catalog's order. */
  titles: readonly string[];
};

/** What the page says; every text is the operator's and is escaped. */
export type PageView = {
  /** The addon's name. */
  name: string;
  /** The addon's description; line breaks are kept. */
  description: string;
  /** The manifest's version. */
  version: string;
  /** URL or path of a picture, shown above the name. One that the page may not load is left out. */
  logo?: string | undefined;
  /** URL or path of a picture, shown faintly behind the page; as `logo`. */
  background?: string | undefined;
  /** The catalogs, in the manifest's order. */
  contents: readonly PageCatalog[];
  /** Absolute http(s) URL of the manifest, at the public origin. */
  manifestUrl: string;
};

/** The headers of the page: only its own style and script run, and nothing may frame it. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": [
    "default-src 'none'",
    `style-src '${STYLE_HASH}'`,
    `script-src '${SCRIPT_HASH}'`,
    "img-src 'self' https: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const WAVE = "q7-8 14 0t14 0 12-2";

const MARK =
  `<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" viewBox="0 0 64 64">` +
  `<rect width="64" height="64" rx="14" fill="#0a6573"/><path fill="none" stroke="#fff" ` +
  `stroke-width="4.5" stroke-linecap="round" d="M12 24${WAVE}M12 36${WAVE}M12 48${WAVE}"/></svg>`;

const ICON = `data:image/svg+xml,${encodeURIComponent(MARK)}`;

const AMOUNTS: ReadonlyMap<string, readonly [one: string, many: string]> = new Map([
  ["movie", ["film", "films"]],
  ["series", ["series", "series"]],
  ["channel", ["channel", "channels"]],
  ["tv", ["live channel", "live channels"]],
]);

/**
 * Writes the page.
 *
 * @throws {TypeError} Where `manifestUrl` is no absolute URL.
 *
 * @example
 * ```ts
 * import { page, PAGE_HEADERS } from "./page.ts";
 *
 * const view = {
 *   name: "Open films",
 *   description: "Films that everybody may share.",
 *   version: "1.0.0",
 *   contents: [{ name: "Films", type: "movie", count: 9, titles: ["Sintel", "Spring"] }],
 *   manifestUrl: "https://films.example/manifest.json",
 * };
 * new Response(page(view), { headers: PAGE_HEADERS });
 * ```
 */
export function page(view: PageView): string {
  const manifest = new URL(view.manifestUrl);
  const name = escape(view.name);
  const logo = picture(view.logo, manifest);
  const background = picture(view.background, manifest);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}: a Stremio addon</title>
<meta name="description" content="${escape(view.description)}">
<link rel="icon" href="${escape(logo ?? ICON)}">
<style>${STYLE}</style>
</head>
<body>
${background === undefined ? "" : `<img class="back" src="${escape(background)}" alt="">`}
<main>
<section class="offer">
<img class="logo" src="${escape(logo ?? ICON)}" alt="">
<h1 dir="auto">${name}</h1>
<p class="about" dir="auto">${escape(view.description)}</p>
<p class="row">
<a class="button first" href="${escape(appLink(manifest))}">Install</a>
<a class="button" href="${escape(webLink(manifest))}">Install on web</a>
</p>
<p class="soft">The first opens the Stremio app, the second web.stremio.com.</p>
${isReachable(manifest) ? "" : HTTP_NOTE}
<div class="link">
<label for="link">Or paste this link into Stremio's addon search:</label>
<div class="row">
<input id="link" type="url" value="${escape(manifest.href)}" readonly>
<button id="copy" class="button" type="button" hidden>Copy link</button>
</div>
<p id="said" class="soft" role="status"></p>
</div>
<p class="soft">Version ${escape(view.version)}</p>
</section>
<section class="inside">
<h2>What is in it</h2>
<ul>
${view.contents.map(catalog).join("\n")}
</ul>
</section>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const HTTP_NOTE =
  `<p class="note soft">Stremio wants https: plain http works only from 127.0.0.1.</p>`;

function catalog({ name, type, count, titles }: PageCatalog): string {
  const more = count - titles.length;
  const items = titles.map((title) => `<li><bdi>${escape(title)}</bdi></li>`);
  if (titles.length > 0 && more > 0) items.push(`<li class="soft">and\u00a0${more}\u00a0more</li>`);
  return `<li>
<div class="head">
<h3 dir="auto">${escape(name)}</h3>
<p class="soft">${amount(type, count)}</p>
</div>
${items.length === 0 ? "" : `<ul class="titles">${items.join("")}</ul>`}
</li>`;
}

function amount(type: string, count: number): string {
  const [one, many] = AMOUNTS.get(type) ?? [type, type];
  return `${count} ${escape(count === 1 ? one : many)}`;
}

function appLink(manifest: URL): string {
  return `stremio://${manifest.host}${manifest.pathname}`;
}

function webLink(manifest: URL): string {
  return `https://web.stremio.com/#/addons?addon=${encodeURIComponent(manifest.href)}`;
}

function isReachable({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || hostname === "127.0.0.1" || hostname === "localhost";
}

function picture(address: string | undefined, manifest: URL): string | undefined {
  if (address === undefined || !URL.canParse(address, manifest)) return undefined;
  const url = new URL(address, manifest);
  if (url.origin !== manifest.origin) return url.protocol === "https:" ? url.href : undefined;
  // The page may be open at another address of the same server, where `'self'` is that one.
  const path = url.href.slice(url.origin.length);
  return path.startsWith("//") ? undefined : path;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
