import { page, PAGE_HEADERS, type PageView } from "../src/site/page.ts";
import { STYLE } from "../src/site/page_style.ts";
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "./support/assert.ts";

const films: PageView = {
  name: "Open films",
  description: "Films that everybody may watch, share and build upon.",
  version: "1.2.3",
  contents: [
    { name: "Films", type: "movie", count: 9, titles: ["Sintel", "Big Buck Bunny", "Spring"] },
    { name: "Series", type: "series", count: 1, titles: ["Caminandes"] },
  ],
  manifestUrl: "https://films.example/manifest.json",
};

const hostile = `"><script>alert('&')</script>`;

Deno.test("page() shows the name, the description, the version and what each catalog holds", () => {
  const text = textOf(page(films));
  for (const part of [films.name, films.description, "Version 1.2.3", "What is in it"]) {
    assertStringIncludes(text, part);
  }
  assertStringIncludes(text, "Films 9 films Sintel Big Buck Bunny Spring and 6 more");
  assertStringIncludes(text, "Series 1 series Caminandes");
  assertNotMatch(text, /Caminandes and/);
});

Deno.test("page() counts each type in its own words, and an unknown one by its name", () => {
  const amounts = [["movie", 1], ["movie", 2], ["tv", 2], ["anime", 3], [
    "constructor",
    0,
  ]] as const;
  const contents = amounts.map(([type, count]) => ({ name: "N", type, count, titles: [] }));
  const text = textOf(page({ ...films, contents }));
  assertStringIncludes(
    text,
    "N 1 film N 2 films N 2 live channels N 3 anime N 0 constructor",
  );
});

Deno.test("page() offers Install, Install on web and the link to copy, port and prefix kept", () => {
  const manifestUrl = "https://films.example:8443/cfg/manifest.json";
  const html = page({ ...films, manifestUrl });
  assertStringIncludes(html, `href="stremio://films.example:8443/cfg/manifest.json">Install</a>`);
  assertStringIncludes(
    html,
    `href="https://web.stremio.com/#/addons?addon=` +
      `https%3A%2F%2Ffilms.example%3A8443%2Fcfg%2Fmanifest.json">Install on web</a>`,
  );
  assertMatch(html, new RegExp(`<input [^>]*value="${manifestUrl}"[^>]* readonly>`));
});

Deno.test("page() says that clients want https where the address is plain http elsewhere", () => {
  const note = (manifestUrl: string): boolean =>
    textOf(page({ ...films, manifestUrl })).includes("Stremio wants https");
  assert(note("http://192.168.1.20:8000/manifest.json"));
  assert(note("http://localhost.example/manifest.json"));
  assert(!note("https://192.168.1.20:8000/manifest.json"));
  assert(!note("http://127.0.0.1:8000/manifest.json"));
  assert(!note("http://localhost:8000/manifest.json"));
});

Deno.test("page() escapes every value, in text and in attributes", () => {
  const html = page({
    name: hostile,
    description: hostile,
    version: hostile,
    logo: `https://art.example/"onerror='x'&<b>.png?${hostile}`,
    background: `/art/"onerror='x'&<b>.png?${hostile}`,
    contents: [
      { name: hostile, type: hostile, count: 5, titles: [hostile] },
    ],
    manifestUrl: `https://films.example/'onfocus='x'&copy/manifest.json`,
  });
  assertEquals(tagsOf(html), tagsOf(page({ ...films, ...pictures, contents: [oneCatalog] })));
  assertNotMatch(html, /\son\w+=/);
  assertNotMatch(html, /&(?!#\d+;)/);
  assertStringIncludes(html, "<title>&#34;&#62;&#60;script&#62;alert(&#39;&#38;&#39;)");
});

Deno.test("page() shows pictures over https and from its own origin, those by their path", () => {
  const manifestUrl = "http://192.168.1.20:8000/manifest.json";
  const shown = (background: string): string | undefined =>
    page({ ...films, manifestUrl, background }).match(/class="back" src="([^"]*)"/)?.[1];
  assertEquals(shown("https://art.example/a.jpg"), "https://art.example/a.jpg");
  assertEquals(shown("/art/a.jpg?v=2"), "/art/a.jpg?v=2");
  assertEquals(shown("http://192.168.1.20:8000/art/a.jpg"), "/art/a.jpg");
});

Deno.test("page() leaves out a picture that it may not load, and shows its own mark instead", () => {
  const plain = page(films);
  assertMatch(plain, /class="logo" src="data:image\/svg\+xml,/);
  for (
    const address of [
      "javascript:alert(1)",
      " JaVaScRiPt:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "http://art.example/a.jpg",
      "https://films.example//art.example/a.jpg",
      "https://",
      "ftp://art.example/a.jpg",
    ]
  ) assertEquals(page({ ...films, logo: address, background: address }), plain, address);
});

Deno.test("page() asks for nothing from outside but the definition's pictures", () => {
  const html = page({ ...films, ...pictures });
  const loaded = [...html.matchAll(/(?:src|srcset|action|data)="([^"]*)"/g)].map(([, url]) => url);
  assertEquals(loaded, [pictures.background, pictures.logo]);
  const links = [...html.matchAll(/<link [^>]*href="([^"]*)"/g)].map(([, url]) => url);
  assertEquals(links, [pictures.logo]);
  assertNotMatch(html, /@import|url\(/);
});

Deno.test("page() is one document in English, with its landmarks, under 12 KB", () => {
  const html = page({ ...films, contents: Array(8).fill(films.contents[0]) });
  assertMatch(html, /^<!DOCTYPE html>\n<html lang="en">/);
  assertEquals(html.match(/<main>/g)?.length, 1);
  assertEquals(html.match(/<h1[ >]/g)?.length, 1);
  assertStringIncludes(html, `<label for="link">`);
  assertLess(new TextEncoder().encode(html).length, 12 * 1024);
});

Deno.test("page() hides Copy link until its script runs", () => {
  assertMatch(page(films), /<button id="copy"[^>]* hidden>Copy link<\/button>/);
});

Deno.test("PAGE_HEADERS let through the page's own style and script, and no other", async () => {
  const html = page(films);
  const policy = new Map(
    PAGE_HEADERS["Content-Security-Policy"]!.split("; ").map((rule): [string, string] => {
      const [name = "", ...sources] = rule.split(" ");
      return [name, sources.join(" ")];
    }),
  );
  const expected = {
    "default-src": "'none'",
    "style-src": await hashOf(html, "style"),
    "script-src": await hashOf(html, "script"),
    "img-src": "'self' https: data:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  };
  assertEquals(Object.fromEntries(policy), expected);
  assertNotMatch(html, / style=/);
  assertEquals(PAGE_HEADERS["Referrer-Policy"], "no-referrer");
  assertEquals(PAGE_HEADERS["X-Content-Type-Options"], "nosniff");
  assertEquals(PAGE_HEADERS["Content-Type"], "text/html; charset=utf-8");
});

Deno.test("STYLE keeps a contrast of 4.5 to 1 in both schemes, over any background picture", () => {
  const veil = Number(STYLE.match(/opacity: ([\d.]+)/)?.[1]);
  const schemes = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, rules = ""]) => {
    const colors = rules.matchAll(/--([\w-]+): #(\w{6})/g);
    return new Map([...colors].map(([, name = "", hex = ""]) => [name, rgbOf(hex)]));
  });
  assertEquals(schemes.length, 2);
  for (const scheme of schemes) {
    const color = (name: string): Rgb => scheme.get(name) ?? [];
    const papers = [0, 255].map((end) => color("paint").map((c) => c * (1 - veil) + end * veil));
    for (const paper of [color("paint"), color("card"), ...papers]) {
      assertGreaterOrEqual(contrast(color("ink"), paper), 4.5);
      assertGreaterOrEqual(contrast(color("soft"), paper), 4.5);
    }
    assertGreaterOrEqual(contrast(color("on-deep"), color("deep")), 4.5);
    assertGreaterOrEqual(contrast(color("edge"), color("card")), 3);
  }
});

const pictures = {
  logo: "https://art.example/logo.png",
  background: "https://art.example/back.jpg",
};

const oneCatalog = { name: "Films", type: "movie", count: 9, titles: ["Sintel"] };

type Rgb = readonly number[];

function textOf(html: string): string {
  const body = html.slice(html.indexOf("<main>"), html.indexOf("</main>"));
  return body.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

function tagsOf(html: string): string[] {
  const names = html.matchAll(/<(\/?\w+)((?:\s[\w-]+(?:="[^"]*")?)*)\s*>/g);
  return [...names].map(([, name, attributes = ""]) => name + attributes.replace(/"[^"]*"/g, ""));
}

async function hashOf(html: string, tag: string): Promise<string> {
  const text = html.split(`<${tag}>`)[1]?.split(`</${tag}>`)[0];
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

function rgbOf(hex: string): Rgb {
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
function contrast(one: Rgb, other: Rgb): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
