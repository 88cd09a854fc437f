/**
 * The same addon by `stremio-addon-sdk`, as its documentation shows: the manifest, and a stream
 * handler that answers with a constant. Arguments: the port, and `{ manifest, streams }` as JSON.
 */

import process from "node:process";
import sdk from "stremio-addon-sdk";

const [port, addon] = process.argv.slice(2);
const { manifest, streams } = JSON.parse(addon);
const builder = new sdk.addonBuilder(manifest);
builder.defineStreamHandler(() => Promise.resolve({ streams }));
builder.defineCatalogHandler(() => Promise.resolve({ metas: [] }));
builder.defineMetaHandler(() => Promise.resolve({ meta: null }));
sdk.serveHTTP(builder.getInterface(), { port: Number(port) });
