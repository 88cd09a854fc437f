/**
 * Weir as a library: a fetch handler for a Stremio addon that shares a video source with few
 * seats, made from plain functions. Everything here runs on any runtime with the web's APIs.
 *
 * @module
 */

export * from "./gate/mod.ts";
export type * from "./ports.ts";
export { type AppDeps, createApp, type Handler } from "./app.ts";
export { type Config, parseConfig, type ParsedConfig } from "./config.ts";
export { type Definition, type ParsedDefinition, parseDefinition } from "./addon/definition.ts";
export { embeddedStreams } from "./addon/embedded.ts";
export { type Lookup, lookup } from "./addon/lookup.ts";
export { createMetrics, type Metrics } from "./operator/metrics.ts";
export { createExecutor } from "./reliability/execute.ts";
export { createBrokerProbe, createHttpBroker } from "./upstream/broker.ts";
export { createRestScripts } from "./upstream/upstash.ts";
