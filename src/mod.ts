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
export { type ParsedDefinition, parseDefinition } from "./addon/definition.ts";
export type * from "./addon/definition_types.ts";
export type { AnswersDeps } from "./addon/answers.ts";
export type { DeskDeps, ListRows } from "./addon/desk.ts";
export type { ListedSource } from "./addon/stream.ts";
export { embeddedStreams } from "./addon/embedded.ts";
export type {
  Asker,
  Board,
  Boarded,
  FlightAsk,
  FlightDeps,
  Held,
  Landing,
} from "./addon/flight.ts";
export type { Cause } from "./addon/degraded.ts";
export type { Connection } from "./delivery/carry.ts";
export type { DeliveryDeps, DeliverySettings } from "./delivery/delivery.ts";
export type { HoldDeps } from "./delivery/hold.ts";
export type { List, ListingDeps } from "./delivery/listing.ts";
export type {
  Deliver,
  Opened,
  OpenedBy,
  PlayAsk,
  PlayDeskDeps,
  Refused,
} from "./delivery/opening.ts";
export type { Patience } from "./delivery/patience.ts";
export type { NamedPlay, Play, PlayDeps, PlayView } from "./delivery/play.ts";
export type { Plays, PlaysDeps } from "./delivery/plays.ts";
export type { ProxyDeps } from "./delivery/proxy.ts";
export type { RedirectDeps } from "./delivery/redirect.ts";
export type { AskPlaceDeps, ServeAsk } from "./delivery/place.ts";
export type { Serve, ServeDeps } from "./delivery/serve.ts";
export {
  type AskSource,
  createAskSource,
  type ResolveHost,
  type SourceAnswer,
  type SourceAsk,
} from "./delivery/source.ts";
export type { Ticket, Tickets } from "./delivery/ticket.ts";
export type { OpenHours } from "./addon/hours.ts";
export { type Entry, type Lookup, lookup, type Shelf } from "./addon/lookup.ts";
export type { Address, Range } from "./http/address.ts";
export type { TrustProxy } from "./http/client.ts";
export type { File } from "./http/file.ts";
export { repeatAnew } from "./http/respond.ts";
export type { ReceptionDeps } from "./http/reception.ts";
export type { OperatorDeps } from "./operator/api.ts";
export { createMetrics, type Metrics } from "./operator/metrics.ts";
export type { Call, CallDeps, CallOptions, Dependency } from "./reliability/call.ts";
export { createExecutor } from "./reliability/execute.ts";
export { createBrokerProbe, createHttpBroker } from "./upstream/broker.ts";
export { createRestScripts } from "./upstream/upstash.ts";
