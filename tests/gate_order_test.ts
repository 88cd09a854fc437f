import { assert, assertEquals, assertGreater, assertStringIncludes } from "./support/assert.ts";
import { createChance } from "./support/chance.ts";
import { orderBreach, type Recorded } from "./support/gate_history.ts";
import { drawChanged, drawHistory, hasOrder, SMALL_SETTINGS } from "./support/drawn_histories.ts";
import type { Operation, OperationReply } from "./support/gate_model.ts";
import { type Finding, findOrder } from "./support/gate_order.ts";
import { seedHint, seedOf } from "./support/gate_trial.ts";

const HISTORIES = 2000;
const SETTINGS = {
  capacity: 1,
  inactivityMs: 1000,
  rotationIdleMs: 300,
  graceMs: 100,
  cooldownMs: 400,
  memoryMs: 700,
};

const A: Operation = { op: "admit", ask: { session: "a", viewer: "anna" } };
const B: Operation = { op: "admit", ask: { session: "b", viewer: "ben" } };
const LIST: Operation = { op: "list", ask: {} };

/** Asked and answered one after another, unless a test says otherwise. */
function history(...records: (Partial<Recorded> & { operation: Operation })[]): Recorded[] {
  return records.map((each, place) => ({
    name: `the ${["first", "second", "third", "fourth"][place]}`,
    invokedAt: place,
    returnedAt: each.reply ? place + 0.5 : Infinity,
    reply: undefined,
    unseen: [],
    ...each,
  }));
}

function taken(at: number): OperationReply {
  return { kind: "new", at, expiresAt: at + SETTINGS.inactivityMs };
}

function blocked(at: number, retryAfterMs: number): OperationReply {
  return { kind: "blocked", at, cause: "capacity", retryAfterMs };
}

function nobody(at: number): OperationReply {
  return { at, occupied: 0, seats: [] };
}

function release(expiresAt: number): Operation {
  return { op: "release", ask: { session: "a", expiresAt, grace: false } };
}

/** The order that is found, by names; checked once more for what it is. */
function orderOf(records: readonly Recorded[], settings = SETTINGS): string[] {
  const finding = findOrder(records, settings);
  assert(finding.kind === "order", finding.kind === "breach" ? finding.problem : "");
  assertEquals(orderBreach(finding.order, records, settings), undefined);
  return finding.order.map(({ recorded }) => recorded.name);
}

function breachOf(
  records: readonly Recorded[],
  settings = SETTINGS,
): Extract<Finding, { kind: "breach" }> {
  const finding = findOrder(records, settings);
  assert(finding.kind === "breach", "an order was found");
  assertEquals(finding.certain, true);
  return finding;
}

Deno.test("an order is found where times alone give it", () => {
  assertEquals(
    orderOf(history({ operation: A, reply: taken(1) }, { operation: B, reply: blocked(2, 299) })),
    ["the first", "the second"],
  );
});

Deno.test("an order is found among operations of one millisecond that were under way at once", () => {
  const records = history(
    { operation: B, reply: blocked(1, 300), returnedAt: 9 },
    { operation: LIST, reply: nobody(1), returnedAt: 9 },
    { operation: A, reply: taken(1), returnedAt: 9 },
  );
  assertEquals(orderOf(records), ["the second", "the third", "the first"]);
});

Deno.test("a lost operation may never have run", () => {
  const lost = { operation: A, unseen: [{ from: 1, to: 9 }] };
  assertEquals(orderOf(history(lost, { operation: B, reply: taken(5) })), ["the second"]);
});

Deno.test("a lost operation may have run, at whatever time explains the rest", () => {
  const lost = { operation: A, unseen: [{ from: 1, to: 9 }] };
  const found = findOrder(history(lost, { operation: B, reply: blocked(5, 298) }), SETTINGS);
  assert(found.kind === "order");
  assertEquals(found.order.map(({ recorded, at }) => [recorded.name, at]), [
    ["the first", 3],
    ["the second", 5],
  ]);
});

Deno.test("a lost operation may have run twice", () => {
  const span = { from: 1, to: 90 };
  const records = history(
    { operation: A, unseen: [span, { ...span }] },
    { operation: LIST, reply: listed({ since: 3, expiresAt: 1003 }, 5) },
    { operation: LIST, reply: listed({ since: 3, expiresAt: 1070 }, 80) },
  );
  assertEquals(orderOf(records), ["the first", "the second", "the first", "the third"]);
});

Deno.test("an operation delivered twice may have run twice, after its answer too", () => {
  const records = history(
    { operation: A, reply: taken(1), unseen: [{ from: 1, to: 90 }] },
    { operation: LIST, reply: listed({ since: 1, expiresAt: 1070 }, 80) },
  );
  assertEquals(orderOf(records), ["the first", "the first", "the second"]);
});

Deno.test("a seat given twice is refused, and who got it second is named", () => {
  const { recorded, problem } = breachOf(history(
    { operation: A, reply: taken(1) },
    { operation: B, reply: taken(2) },
    { operation: LIST, reply: nobody(3) },
  ));
  assertEquals(recorded.name, "the second");
  assertStringIncludes(problem, `the second: admit {"session":"b","viewer":"ben"} → {"kind":"new"`);
  assertStringIncludes(problem, `{"kind":"blocked","at":2,"cause":"capacity","retryAfterMs":299}`);
  assertStringIncludes(problem, `the first: admit {"session":"a","viewer":"anna"} → {"kind":"new"`);
});

Deno.test("a seat given twice within one millisecond is refused", () => {
  const records = history(
    { operation: A, reply: taken(1), returnedAt: 9 },
    { operation: B, reply: taken(1), returnedAt: 9 },
  );
  breachOf(records);
  assertEquals(orderOf(records, { ...SETTINGS, capacity: 2 }).length, 2);
});

Deno.test("an answer of a kind that cannot be is refused", () => {
  const { recorded } = breachOf(history(
    { operation: A, reply: taken(1) },
    { operation: B, reply: { kind: "continued", at: 2, expiresAt: 1002 } },
  ));
  assertEquals(recorded.name, "the second");
});

Deno.test("an answer that is off by a millisecond is refused", () => {
  const { recorded } = breachOf(
    history({ operation: A, reply: taken(1) }, { operation: B, reply: blocked(2, 298) }),
  );
  assertEquals(recorded.name, "the second");
});

Deno.test("a release that frees a seat which was seen again since is refused", () => {
  const { recorded, problem } = breachOf(history(
    { operation: A, reply: taken(1) },
    { operation: A, reply: { kind: "continued", at: 5, expiresAt: 1005 } },
    { operation: release(1001), reply: { kind: "left", at: 6 } },
  ));
  assertEquals(recorded.name, "the third");
  assertStringIncludes(problem, `{"kind":"ignored","at":6}`);
});

Deno.test("a time of the gate that steps back between two who asked in turn is refused", () => {
  const { recorded, problem } = breachOf(
    history({ operation: LIST, reply: nobody(7) }, { operation: LIST, reply: nobody(6) }),
  );
  assertEquals(recorded.name, "the second");
  assertStringIncludes(problem, "for a later time");
});

Deno.test("an order that is not that of asking and answering is refused within one millisecond", () => {
  const asked = [{ operation: B, reply: blocked(1, 300) }, { operation: A, reply: taken(1) }];
  assertEquals(breachOf(history(...asked)).recorded.name, "the first");
  assertEquals(orderOf(history({ ...asked[0]!, returnedAt: 9 }, asked[1]!)).length, 2);
});

Deno.test("an unseen run explains nothing outside of its span", () => {
  const records = (to: number) =>
    history({ operation: A, unseen: [{ from: 1, to }] }, { operation: B, reply: blocked(5, 300) });
  assertEquals(orderOf(records(5)).length, 2);
  assertEquals(breachOf(records(4)).recorded.name, "the second");
});

Deno.test("an unseen run explains nothing that was answered before it was asked", () => {
  const records = (invokedAt: number) =>
    history(
      { operation: A, unseen: [{ from: 1, to: 5 }], invokedAt },
      { operation: B, reply: blocked(5, 300) },
    );
  assertEquals(orderOf(records(1.4)).length, 2);
  assertEquals(breachOf(records(1.6)).recorded.name, "the second");
});

Deno.test("one unseen run explains one thing alone", () => {
  const span = { from: 1, to: 90 };
  const records = (...unseen: Recorded["unseen"]) =>
    history(
      { operation: A, unseen },
      { operation: LIST, reply: listed({ since: 3, expiresAt: 1003 }, 5) },
      { operation: LIST, reply: listed({ since: 3, expiresAt: 1070 }, 80) },
    );
  assertEquals(orderOf(records(span, { ...span })).length, 4);
  assertEquals(breachOf(records(span)).recorded.name, "the third");
});

Deno.test("what is least likely is tried in the end, and then what is refused is so for certain", () => {
  const span = { from: 1, to: 25 };
  const settings = { ...SETTINGS, capacity: 2 };
  const unseen = [{ operation: A, unseen: [span] }, { operation: B, unseen: [{ ...span }] }];
  assertEquals(orderOf(history(...unseen, { operation: LIST, reply: nobody(30) }), settings), [
    "the third",
  ]);
  breachOf(history(...unseen, { operation: A, reply: blocked(30, 1) }), settings);
});

Deno.test(`an order is found where there is one and only there, in ${HISTORIES} small histories`, () => {
  const seed = seedOf(Deno.env.get("WEIR_TEST_SEED"), Math.random);
  const chance = createChance(seed);
  let refused = 0;
  for (let count = 0; count < HISTORIES; count++) {
    const made = drawHistory(chance);
    const changed = drawChanged(chance, made);
    for (const [records, ordered] of [[made, true], [changed, hasOrder(changed)]] as const) {
      const finding = findOrder(records, SMALL_SETTINGS);
      const shown = `${seedHint(seed)}\n${JSON.stringify(records, undefined, 1)}`;
      assertEquals(finding.kind === "order", ordered, shown);
      if (finding.kind === "breach") refused++;
      else assertEquals(orderBreach(finding.order, records, SMALL_SETTINGS), undefined, shown);
    }
  }
  assertGreater(refused, HISTORIES / 20);
});

function listed(times: { since: number; expiresAt: number }, at: number): OperationReply {
  const seat = { state: "standing", session: "a", viewer: "anna", ...times } as const;
  return { at, occupied: 1, seats: [seat] };
}
