// The one door to Stremio's own packages, so that their types are declared once.

// @ts-types="./stremio_packages.d.ts"
export { default as client } from "stremio-addon-client";
// @ts-types="./stremio_packages.d.ts"
export { default as linter } from "stremio-addon-linter";
export type { Addon, Manifest } from "./stremio_packages.d.ts";
