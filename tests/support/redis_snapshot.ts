import type { RedisServer } from "./redis_server.ts";
import type { Reply } from "./resp.ts";

/** Everything that a Redis holds, by key, however it lies there. */
export async function snapshot({ command, batch }: RedisServer): Promise<Record<string, Reply>> {
  const keys = (await command("KEYS", "*") as string[]).sort();
  const types = await batch(keys.map((key) => ["TYPE", key]));
  const contents = await batch(keys.map((key, at) => reading(key, types[at])));
  return Object.fromEntries(keys.map((key, at) => [key, contents[at]!]));
}

function reading(key: string, type: Reply | undefined): string[] {
  switch (type) {
    case "zset":
      return ["ZRANGE", key, "0", "-1", "WITHSCORES"];
    case "hash":
      return ["HGETALL", key];
    default:
      return ["GET", key];
  }
}
