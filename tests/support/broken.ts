/**
 * Dependencies that fail, each with everything in its error that must not be told.
 *
 * @module
 */

import { StatusError } from "../../src/ports.ts";
import { assert } from "./assert.ts";
import { BOUNDS, OPERATOR_TOKEN, type TestApp, testApp, type TestAppOptions } from "./app.ts";
import { brokerApp, type BrokerReply } from "./ask.ts";

const INSIDE = "inside-7f3a";

/** What must never be seen from outside. */
export const HIDDEN: readonly string[] = [
  INSIDE,
  "broker.example",
  "the-token-of-the-broker",
  OPERATOR_TOKEN,
  "a secret of thirty-two characters",
  "203.0.113.1",
  "/src/",
  "    at ",
  "TypeError: ",
];

function failure(): Error {
  const error = new TypeError(`connect to https://${INSIDE}.example/?token=${INSIDE} failed`);
  error.stack = `TypeError: ${INSIDE}\n    at connect (file:///${INSIDE}/src/gate/redis.ts:1:1)`;
  error.cause = new Error(INSIDE);
  return error;
}

const fail = () => Promise.reject(failure());
const BROKERS: BrokerReply[] = [
  fail,
  () => new Response(failure().stack, { status: 500, headers: { "x-inside": INSIDE } }),
  () => new Response(`<title>${INSIDE}</title>`),
  () => Response.json({ url: `/${INSIDE}`, error: INSIDE }),
  () => new Response(INSIDE, { status: 404 }),
];

/** Weirs whose dependencies fail with texts of the inside, in every way that they can. */
export function brokenApps(): TestApp[] {
  const { gate } = testApp();
  const broken = { admit: fail, beat: fail, release: fail, evict: fail, list: fail };
  const bounded: TestAppOptions = { gate: broken, bounds: { gate: BOUNDS, broker: BOUNDS } };
  const rejecting = {
    ...bounded,
    gate: { ...broken, admit: () => Promise.reject(new StatusError(401)) },
  };
  return [
    ...BROKERS.map((reply) => brokerApp(reply, { probeBroker: fail, bounds: { broker: BOUNDS } })),
    testApp({ ...bounded, probeBroker: fail }),
    testApp({ ...bounded, gateOnFailure: "admit", resolve: fail }),
    testApp(rejecting),
    testApp({ gate: { ...gate, ...broken } }),
    testApp({ resolve: fail, bounds: {} }),
    testApp({ hasStreams: () => assert(false, INSIDE) as never }),
    testApp({ files: new Proxy(new Map(), { get: () => () => assert(false, INSIDE) }) }),
  ];
}
