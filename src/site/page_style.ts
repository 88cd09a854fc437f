// Pure: values in, values out.

/**
 * What the landing page wears and the one thing it does by script, each with the hash under which
 * the Content-Security-Policy lets it through: change a text, and the test names the new hash.
 *
 * Written for the browsers of television sets too, which are years behind: what they may lack
 * (`clamp()`, `:focus-visible`) stands after a plain form of the same. Pictures keep an automatic
 * height, so that one that fails to load leaves no broken frame.
 *
 * @module
 */

/** The inline style sheet. Text on `--paint` and `--card` has a contrast of at least 4.5 to 1. */
export const STYLE: string = `
:root {
  color-scheme: light dark; --paint: #f3f8f8; --card: #ffffff; --line: #cddcde; --edge: #6f8a90;
  --ink: #10262c; --soft: #3b545c; --deep: #0a6573; --on-deep: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paint: #0b1619; --card: #132327; --line: #26393e; --edge: #6b868c; --ink: #e8f2f3;
    --soft: #a9c0c5; --deep: #6fd3dd; --on-deep: #04272c;
  }
}
* { box-sizing: border-box; margin: 0; }
html {
  font-size: 112.5%; font-size: clamp(1rem, 0.6rem + 0.75vw, 2.5rem);
  -webkit-text-size-adjust: 100%;
}
body {
  background: var(--paint); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: break-word; overflow-wrap: anywhere;
}
.back {
  position: absolute; z-index: -1; top: 0; left: 0; width: 100%; min-height: 100vh;
  max-height: 100vh; object-fit: cover; opacity: 0.16;
  -webkit-mask-image: linear-gradient(#000, transparent);
  mask-image: linear-gradient(#000, transparent);
}
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem; }
.logo { display: block; max-height: 4rem; max-width: 100%; margin-bottom: 1rem; }
h1 { font-size: 2.1rem; line-height: 1.15; letter-spacing: -0.02em; }
h2, h3 { font-size: 1rem; line-height: 1.4; }
.about { margin-top: 0.75rem; white-space: pre-line; }
label { display: block; }
.soft, label { color: var(--soft); font-size: 0.875rem; }
.row { display: flex; flex-wrap: wrap; margin: 1.25rem -0.3rem 0.35rem; }
.row > * { flex: 1 1 8.5rem; margin: 0 0.3rem 0.6rem; }
.button, input {
  min-height: 3rem; padding: 0.65rem 1.1rem; border: 2px solid var(--edge); border-radius: 0.6rem;
  background: var(--card); color: var(--ink); font: inherit; line-height: 1.4;
}
.row > input { flex: 99 1 13rem; min-width: 0; padding: 0.65rem 0.8rem; text-overflow: ellipsis; }
.button {
  font-weight: 600; text-align: center; text-decoration: none; cursor: pointer;
  white-space: nowrap;
}
.first { background: var(--deep); border-color: var(--deep); color: var(--on-deep); }
.button:hover { border-color: var(--ink); }
:focus { outline: 0.2rem solid var(--ink); outline-offset: 0.2rem; }
:focus:not(:focus-visible) { outline: none; }
[hidden] { display: none; }
.note { margin-top: 0.75rem; padding-left: 0.85rem; border-left: 0.2rem solid var(--deep); }
.link { margin-top: 1.25rem; }
.link .row { margin-top: 0.35rem; }
.inside { margin-top: 2.25rem; }
ul { padding: 0; list-style: none; }
.inside > ul > li {
  margin-top: 0.75rem; padding: 0.9rem 1.1rem; border: 1px solid var(--line);
  border-radius: 0.8rem; background: var(--card);
}
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; }
.head h3 { margin-right: 1rem; }
.titles li { display: inline; }
.titles li + li::before { content: "\\a0· "; color: var(--soft); }
@media (min-width: 56em) {
  main {
    display: grid; grid-template-columns: minmax(0, 9fr) minmax(0, 8fr); grid-column-gap: 3.5rem;
    min-height: 100vh; padding: 1.25rem 2rem; align-content: center; align-items: start;
  }
  .inside { margin: 0; }
  h1 { font-size: 2.6rem; }
}
@media (min-width: 56em) and (min-height: 42em) {
  main { padding: 3rem 2rem; }
  .offer { position: -webkit-sticky; position: sticky; top: 3rem; }
}
`;

/** The source expression that lets {@linkcode STYLE} through `style-src`. */
export const STYLE_HASH = "sha256-yNdT6yrjEyK3G+cMH/twed5S4ZSxNKmQfmT38rgRViE=";

/**
 * Copy link. The button is hidden until this runs. Where there is no clipboard (plain http on
 * another host than localhost) the link is selected and copied the older way, or left selected.
 */
export const SCRIPT: string = `
var link = document.getElementById("link");
var copy = document.getElementById("copy");
var said = document.getElementById("said");
function tell(copied) {
  said.textContent = copied ? "The link is copied." : "The link is selected: copy it there.";
}
function select() {
  link.select();
  tell(document.execCommand("copy"));
}
copy.hidden = false;
copy.onclick = function () {
  if (!navigator.clipboard) return select();
  navigator.clipboard.writeText(link.value).then(function () { tell(true); }, select);
};
`;

/** The source expression that lets {@linkcode SCRIPT} through `script-src`. */
export const SCRIPT_HASH = "sha256-5RQuPs64fj84L3mUvGd9qrYh3R82PlKYHZ73kbq1sJM=";
