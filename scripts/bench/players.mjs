/**
 * Players: they read films over plain sockets. Reads one job a line, and writes one result a line:
 * `{ do: "download", port, pid, paths }` → `{ bytes, ms, cpuMs }`, all paths at once;
 * `{ do: "open", asks: [{ port, path }] }` → `{ waitsMs }`, one after the other, to the first byte of
 * the body;
 * `{ do: "hold", port, paths, paused }` → `{ held }`, connections that stay open, some unread;
 * `{ do: "usage", pid }` → `{ cpuMs, residentMb }`, what a server has used of the processor and holds
 * in memory.
 */

import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import readline from "node:readline";

const AT_ONCE = 8;
const REST_MS = 10;
const held = [];

for await (const line of readline.createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  const jobs = { download, open, hold, usage };
  process.stdout.write(`${JSON.stringify(await jobs[job.do](job))}\n`);
}

async function download({ port, pid, paths }) {
  const before = { at: performance.now(), cpuMs: cpuMs(pid) };
  const sizes = await Promise.all(paths.map((path) => read(port, path)));
  return {
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    ms: performance.now() - before.at,
    cpuMs: cpuMs(pid) - before.cpuMs,
  };
}

async function open({ asks }) {
  const waitsMs = [];
  for (const { port, path } of asks) {
    const started = performance.now();
    const socket = await begin(port, path);
    waitsMs.push(performance.now() - started);
    socket.destroy();
    // What a server has to do about an end is not to be waited for by the next opening.
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }
  return { waitsMs };
}

async function hold({ port, paths, paused }) {
  const queue = [...paths];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const socket = await begin(port, path);
      if (paused) socket.pause();
      else socket.resume();
      held.push(socket);
    }
  }));
  return { held: held.filter((socket) => !socket.destroyed).length };
}

function read(port, path) {
  return new Promise((resolve, reject) => {
    let size = 0;
    const onread = {
      buffer: Buffer.allocUnsafe(1 << 20),
      callback: (length) => (size += length, true),
    };
    const socket = net.connect({ port, host: "127.0.0.1", onread });
    socket.on("error", reject);
    socket.on("close", () => resolve(size));
    socket.on("connect", () => ask(socket, port, path));
  });
}

/** Resolves with the first byte of the body. */
function begin(port, path) {
  return new Promise((resolve, reject) => {
    let head = "";
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    socket.on("error", reject);
    socket.on("connect", () => ask(socket, port, path));
    socket.on("data", function first(data) {
      head += data.latin1Slice();
      const end = head.indexOf("\r\n\r\n");
      if (end === -1 || head.length === end + 4) return;
      if (!/^HTTP\/1.1 20[06]/.test(head)) return reject(new Error(head.slice(0, end)));
      socket.off("data", first);
      resolve(socket);
    });
  });
}

function ask(socket, port, path) {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
}

function usage({ pid }) {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  return { cpuMs: cpuMs(pid), residentMb: Number(kb) / 1024 };
}

function cpuMs(pid) {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, id) => {
    const [nanoseconds] = fs.readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ");
    return sum + Number(nanoseconds) / 1e6;
  }, 0);
}
