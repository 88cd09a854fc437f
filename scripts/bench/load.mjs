/**
 * The load: so many connections, each with one request at a time, kept alive. Reads one job a line,
 * `{ port, pid, path, headers, connections, ms }`, and writes one result a line,
 * `{ requests, ms, cpuMs }`; `cpuMs` is the server's own time on the processor, where the system
 * tells it. `headers` is a list: the connections take its entries in turn, request by request.
 */

import fs from "node:fs";
import net from "node:net";
import process from "node:process";
import readline from "node:readline";

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}

async function run({ port, pid, path, headers, connections, ms }) {
  const requests = headers.map((extra) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\n${extra}\r\n`)
  );
  let answered = 0;
  let sent = 0;
  const next = () => requests[sent++ % requests.length];
  const sockets = await Promise.all(
    Array.from({ length: connections }, () => connect(port, { next, onAnswer: () => answered++ })),
  );
  const before = { answered, at: performance.now(), cpuMs: cpuMs(pid) };
  await new Promise((resolve) => setTimeout(resolve, ms));
  const result = {
    requests: answered - before.answered,
    ms: performance.now() - before.at,
    cpuMs: cpuMs(pid) - before.cpuMs,
  };
  for (const socket of sockets) socket.destroy();
  return result;
}

/** Resolves with the first answer. Answers are told apart by their length. */
function connect(port, { next, onAnswer }) {
  return new Promise((resolve, reject) => {
    let head = "";
    let missing = 0;
    const socket = net.connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(65536),
        callback(length, buffer) {
          if (missing > 0) missing -= length;
          else {
            head += buffer.latin1Slice(0, length);
            const end = head.indexOf("\r\n\r\n");
            if (end === -1) return true;
            if (!head.startsWith("HTTP/1.1 200")) return socket.destroy(new Error(head));
            missing = end + 4 + Number(/content-length: *(\d+)/i.exec(head)[1]) - head.length;
            head = "";
          }
          if (missing < 0) return socket.destroy(new Error("an answer longer than it said"));
          if (missing > 0) return true;
          onAnswer();
          resolve(socket);
          socket.write(next());
          return true;
        },
      },
    });
    socket.on("error", reject);
    socket.on("connect", () => socket.write(next()));
  });
}

function cpuMs(pid) {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, id) => {
      const [nanoseconds] = fs.readFileSync(`/proc/${pid}/task/${id}/schedstat`, "utf8").split(" ");
      return sum + Number(nanoseconds) / 1e6;
    }, 0);
  } catch {
    return NaN;
  }
}
