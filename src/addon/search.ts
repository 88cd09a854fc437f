// Pure: values in, values out.

const WORDS_MAX = 16;
// Letters that Unicode does not take apart (NFKD), as a viewer without the key types them.
const PLAIN: Readonly<Record<string, string>> = {
  æ: "ae",
  œ: "oe",
  ø: "o",
  ß: "ss",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  ς: "σ",
};

/**
 * A text as search compares it: lower case, accents and apostrophes gone, every other run of
 * characters that are neither letter nor digit one space.
 *
 * @example
 * ```ts
 * import { searchText } from "./search.ts";
 *
 * searchText("Amélie’s WALL·E"); // "amelies wall e"
 * ```
 */
export function searchText(text: string): string {
  return text.toLowerCase().normalize("NFKD")
    .replace(/[\p{M}'’]/gu, "")
    .replace(/[æœøßłđðþıς]/g, (letter) => PLAIN[letter] ?? letter)
    .replace(/[^\p{L}\p{N}]+/gu, " ");
}

/** The different words of a query as search compares them; of a long query the first 16. */
export function searchWords(query: string): string[] {
  const words = searchText(query).split(" ").filter((word) => word !== "");
  return [...new Set(words)].slice(0, WORDS_MAX);
}
