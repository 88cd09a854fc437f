// Pure: values in, values out.

/** Whether a text is an absolute http(s) URL, as every Stremio client reads it. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s\\\p{C}]+$/u.test(text) && URL.canParse(text);
}

/**
 * Whether a text is a path of this server's own: it begins with one `/`. Two slashes, or a
 * backslash anywhere, would name another host (WHATWG URL, "relative slash state").
 */
export function isOwnPath(text: string): boolean {
  return /^\/(?!\/)[^\s\\\p{C}]*$/u.test(text);
}

/**
 * A URL as a client needs it: an own path gets the public origin in front, an absolute URL stays
 * as it is. `origin` has no slash at its end.
 *
 * @example
 * ```ts
 * import { absolute } from "./url.ts";
 *
 * absolute("/art/sintel.jpg", "https://weir.example"); // https://weir.example/art/sintel.jpg
 * absolute("https://films.example/a.mp4", "https://weir.example"); // as it was
 * ```
 */
export function absolute(url: string, origin: string): string {
  return url.startsWith("/") ? origin + url : url;
}

/** {@linkcode absolute} over the members of `fields` that are given; absent ones stay absent. */
export function absoluteFields<Key extends string>(
  fields: { readonly [key in Key]?: string },
  origin: string,
): { [key in Key]?: string } {
  const answer: { [key in Key]?: string } = {};
  for (const key in fields) {
    const url = fields[key];
    if (url !== undefined) answer[key] = absolute(url, origin);
  }
  return answer;
}
