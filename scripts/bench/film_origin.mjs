/**
 * A source and its broker: films of any length, given as fast as they are taken. `/film/<bytes>.mp4`
 * answers ranges; `/slow/<bytes>.mp4` gives 1 KiB every 15 s. The broker's episodes end in the path
 * of their film: `weir:bench:<number>:film:<bytes>`. Argument: the port.
 */

import net from "node:net";
import process from "node:process";

const SLOW = { bytes: 1024, everyMs: 15_000 };
const block = Buffer.alloc(1 << 20, 7);
const port = Number(process.argv[2]);

net.createServer({ noDelay: true }, (socket) => {
  let request = "";
  socket.on("error", () => {});
  socket.on("data", (data) => {
    request += data.latin1Slice();
    if (!request.includes("\r\n\r\n")) return;
    answer(socket, request);
    request = "";
  });
}).listen(port, "127.0.0.1");

function answer(socket, request) {
  const episode = /^GET \/api\/resolve\?episode=(\S+)/.exec(request)?.[1];
  if (episode !== undefined) return resolve(socket, decodeURIComponent(episode));
  const [, method, kind, size] = /^(\w+) \/(film|slow)\/(\d+)/.exec(request);
  const [, first = "0", last = size - 1] = /^range: bytes=(\d+)-(\d+)?/im.exec(request) ?? [];
  const isPart = /^range:/im.test(request);
  const length = Number(last) + 1 - Number(first);
  head(socket, {
    status: isPart ? "206 Partial Content" : "200 OK",
    type: "video/mp4",
    length,
    more: [
      "Accept-Ranges: bytes",
      'ETag: "film"',
      ...(isPart ? [`Content-Range: bytes ${first}-${last}/${size}`] : []),
    ],
  });
  if (method === "HEAD") return;
  if (kind === "film") give(socket, length);
  else trickle(socket);
}

function resolve(socket, episode) {
  const [kind, bytes] = episode.split(":").slice(-2);
  const body = JSON.stringify({ url: `http://127.0.0.1:${port}/${kind}/${bytes}.mp4` });
  socket.cork();
  head(socket, { status: "200 OK", type: "application/json", length: body.length });
  socket.write(body);
  socket.uncork();
}

function head(socket, { status, type, length, more = [] }) {
  const lines = [`HTTP/1.1 ${status}`, `Content-Type: ${type}`, `Content-Length: ${length}`];
  socket.write(`${[...lines, ...more].join("\r\n")}\r\n\r\n`);
}

function give(socket, length) {
  let left = length;
  while (left > 0) {
    const chunk = left < block.length ? block.subarray(0, left) : block;
    left -= chunk.length;
    if (!socket.write(chunk)) return void socket.once("drain", () => give(socket, left));
  }
}

function trickle(socket) {
  const drop = () => socket.write(block.subarray(0, SLOW.bytes));
  drop();
  const timer = setInterval(drop, SLOW.everyMs);
  socket.on("close", () => clearInterval(timer));
}
