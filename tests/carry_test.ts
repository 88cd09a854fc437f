import { assert, assertEquals } from "./support/assert.ts";
import { type Carried, carried, LENGTH, REST_MS, STALL_MS } from "./support/carried.ts";
import { createTap } from "./support/tap.ts";

Deno.test("carry() brings every byte in order, and closes once", async () => {
  const { tap, player, seen } = carried();
  for (const size of [1, 60, 39]) {
    const read = player.read();
    tap.give(size);
    assertEquals(await read, "bytes");
  }
  tap.finish();
  assertEquals([await player.read(), player.got()], ["end", 100]);
  assertEquals(seen, { bytes: 100, closed: 1, reopened: [], readmitted: 0 });
});

Deno.test("carry() asks the source for nothing that the player has not asked for", async () => {
  const { tap, player, settle } = carried();
  await settle();
  assertEquals(tap.asked, 0);
  for (const asked of [1, 2, 3]) {
    const read = player.read();
    await settle();
    assertEquals(tap.asked, asked);
    tap.give(10);
    await read;
    await settle();
    assertEquals(tap.asked, asked);
  }
});

Deno.test("carry() ends where the source does when nobody said how much there is", async () => {
  const { tap, player, seen } = carried({ length: undefined, reopen: undefined });
  const read = player.read();
  tap.give(30);
  await read;
  tap.finish();
  assertEquals([await player.read(), player.got(), seen.closed], ["end", 30, 1]);
});

Deno.test("carry() ends uncleanly where a body of unknown length breaks or stalls", async () => {
  for (const how of ["fail", "stall"] as const) {
    const { tap, player, seen, after } = carried({ length: undefined, reopen: undefined });
    const read = player.read();
    tap.give(30);
    await read;
    const next = player.read();
    if (how === "fail") tap.fail();
    else await after(STALL_MS);
    assertEquals([await next, player.got(), seen.closed], ["broken", 30, 1], how);
  }
});

Deno.test("carry() resumes once, at the byte reached, where the source breaks, stalls or stops short", async () => {
  for (const how of ["fail", "stall", "finish"] as const) {
    const again = createTap(30);
    const { tap, player, seen, after } = carried({ again });
    const first = player.read();
    tap.give(30);
    await first;
    const next = player.read();
    if (how === "stall") {
      await after(STALL_MS - 1);
      assertEquals([seen.reopened, tap.cancelled], [[], false]);
      await after(1);
      assertEquals(tap.cancelled, true);
    } else tap[how]();
    again.give(70);
    assertEquals(await next, "bytes", how);
    again.finish();
    assertEquals([await player.read(), player.got()], ["end", 100], how);
    assertEquals(seen, { bytes: 100, closed: 1, reopened: [30], readmitted: 0 }, how);
  }
});

Deno.test("carry() ends uncleanly where what was resumed fails too", async () => {
  for (const how of ["fail", "finish", "stall"] as const) {
    const again = createTap(30);
    const { tap, player, seen, after } = carried({ again });
    const first = player.read();
    tap.give(30);
    await first;
    tap.fail();
    again.give(20);
    assertEquals(await player.read(), "bytes");
    const last = player.read();
    if (how === "stall") await after(STALL_MS);
    else again[how]();
    assertEquals([await last, player.got(), seen.closed], ["broken", 50, 1], how);
    assertEquals(seen.reopened, [30], how);
  }
});

Deno.test("carry() ends uncleanly where the rest cannot be had, or may not be the same", async () => {
  const fails = () => Promise.reject(new Error("a bug"));
  for (const reopen of [() => Promise.resolve(undefined), undefined, fails]) {
    const { tap, player, seen } = carried({ reopen });
    const first = player.read();
    tap.give(30);
    await first;
    tap.fail();
    assertEquals([await player.read(), player.got(), seen.closed], ["broken", 30, 1]);
  }
});

Deno.test("carry() ends cleanly where all bytes have come, whatever the source does then", async () => {
  for (const how of ["fail", "stall", "rest"] as const) {
    const { tap, player, seen, after } = carried();
    const first = player.read();
    tap.give(100);
    await first;
    if (how === "rest") await after(REST_MS);
    const last = player.read();
    if (how === "fail") tap.fail();
    if (how === "stall") await after(STALL_MS);
    if (how === "rest") tap.finish();
    assertEquals([await last, player.got(), seen.closed], ["end", 100, 1], how);
    assertEquals([seen.reopened, seen.readmitted], [[], 0], how);
  }
});

Deno.test("carry() calls nothing a stall while the player takes nothing", async () => {
  const { tap, player, after, seen } = carried();
  await after(STALL_MS * 2);
  const read = player.read();
  tap.give(10);
  await read;
  await after(STALL_MS * 2);
  assertEquals([tap.cancelled, seen.reopened], [false, []]);
});

Deno.test("carry() calls nothing a rest while the player waits for the source", async () => {
  const { tap, player, after } = carried({ stallMs: REST_MS * 3 });
  const read = player.read();
  await after(REST_MS * 2);
  tap.give(10);
  assertEquals([await read, tap.cancelled], ["bytes", false]);
});

Deno.test("carry() measures a stall from the last byte, not from the first", async () => {
  const { tap, player, after } = carried();
  for (let time = 0; time < 3; time++) {
    const read = player.read();
    await after(STALL_MS - 1);
    tap.give(10);
    assertEquals(await read, "bytes");
  }
  assertEquals(tap.cancelled, false);
});

Deno.test("carry() lets the source go while the player rests, and goes on where it was", async () => {
  const again = createTap(30);
  const { tap, player, seen, after } = carried({ again });
  const first = player.read();
  tap.give(30);
  await first;
  await after(REST_MS - 1);
  assertEquals(tap.cancelled, false);
  await after(1);
  assertEquals([tap.cancelled, seen.closed, seen.reopened], [true, 0, []]);
  again.give(70);
  assertEquals([await player.read(), player.got()], ["bytes", 100]);
  assertEquals([seen.readmitted, seen.reopened], [1, [30]]);
});

Deno.test("carry() lets the source of a player go that never began to read", async () => {
  const again = createTap();
  const { tap, player, seen, after } = carried({ again });
  await after(REST_MS);
  assertEquals(tap.cancelled, true);
  again.give(100);
  assertEquals([await player.read(), player.got(), seen.reopened], ["bytes", 100, [0]]);
});

Deno.test("carry() counts no rest as trouble: the one resume is still there", async () => {
  const opened = [createTap(30), createTap(50)];
  const taps = [...opened];
  const { tap, player, after } = carried({
    reopen: () => Promise.resolve(taps.shift()?.body.getReader()),
  });
  const first = player.read();
  tap.give(30);
  await first;
  await after(REST_MS);
  opened[0]!.give(20);
  await player.read();
  opened[0]!.fail();
  opened[1]!.give(50);
  assertEquals([await player.read(), player.got()], ["bytes", 100]);
});

Deno.test("carry() ends uncleanly after a rest where the play has lost its seat", async () => {
  for (const readmit of [() => Promise.resolve(false), () => Promise.reject(new Error("a bug"))]) {
    const { player, seen, after } = carried({ again: createTap(), readmit });
    await after(REST_MS);
    assertEquals([await player.read(), seen.closed, seen.reopened], ["broken", 1, []]);
  }
});

Deno.test("carry() keeps a source that could not be opened again", async () => {
  const { tap, player, after } = carried({ reopen: undefined });
  await after(REST_MS * 2);
  assertEquals(tap.cancelled, false);
  const read = player.read();
  tap.give(10);
  assertEquals(await read, "bytes");
});

Deno.test("end() breaks the player's stream, lets the source go and closes once, at any moment", async () => {
  const moments: Record<string, (it: Carried) => Promise<unknown> | void> = {
    "before the first read": () => {},
    "while the source is asked": ({ player }) => void player.read(),
    async "between two reads"({ tap, player }) {
      const read = player.read();
      tap.give(10);
      await read;
    },
    "with bytes on their way": ({ tap, player }) => {
      void player.read();
      tap.give(10);
    },
    "while the player rests": ({ after }) => after(REST_MS),
  };
  for (const [moment, arrive] of Object.entries(moments)) {
    const it = carried();
    await arrive(it);
    it.connection.end();
    it.connection.end();
    await it.settle();
    assertEquals([it.tap.cancelled, it.seen.closed], [true, 1], moment);
    assertEquals(await it.player.read(), "broken", moment);
    await it.player.cancel().catch(() => {});
    await it.after(REST_MS);
    assertEquals(it.seen.closed, 1, moment);
  }
});

Deno.test("end() while the seat or the source is asked for leaves nothing open", async () => {
  for (const waits of ["readmit", "reopen"] as const) {
    const answer = Promise.withResolvers<void>();
    const late = createTap();
    const { player, seen, connection, after, settle } = carried({
      readmit: () => waits === "readmit" ? answer.promise.then(() => true) : Promise.resolve(true),
      reopen: () => (seen.reopened.push(0), answer.promise.then(() => late.body.getReader())),
    });
    await after(REST_MS);
    const read = player.read();
    await settle();
    connection.end();
    answer.resolve();
    assertEquals([await read, seen.closed], ["broken", 1], waits);
    await settle();
    assertEquals(late.cancelled, waits === "reopen", waits);
    assertEquals(seen.reopened.length, waits === "reopen" ? 1 : 0, waits);
  }
});

Deno.test("end() changes nothing once all has come", async () => {
  const { tap, player, connection, seen } = carried();
  const read = player.read();
  tap.give(100);
  await read;
  tap.finish();
  assertEquals(await player.read(), "end");
  connection.end();
  assertEquals([await player.read(), seen.closed], ["end", 1]);
});

Deno.test("a player that goes, at any byte, lets the source go and closes once", async () => {
  for (let bytes = 0; bytes <= LENGTH; bytes += 10) {
    const { tap, player, seen, connection, settle } = carried();
    for (let at = 0; at < bytes; at += 10) {
      const read = player.read();
      tap.give(10);
      await read;
    }
    await settle();
    if (bytes % 20 === 0) void player.read();
    await player.cancel();
    await settle();
    assert(tap.cancelled, `${bytes} bytes`);
    connection.end();
    assertEquals(seen, { bytes, closed: 1, reopened: [], readmitted: 0 });
  }
});
