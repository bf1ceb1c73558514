import "server-only";
import { env } from "@/server/core/env";
import { AheadCounters } from "@/server/core/limit-stores/ahead";
import { databaseStore } from "@/server/core/limit-stores/database";
import { guardStore } from "@/server/core/limit-stores/guarded";
import type { LimitStore } from "@/server/core/limit-stores/store";

let chosen: LimitStore | undefined;

/** A store whose client is loaded when it is asked first: most installations have no such server, and none should wait for its client. */
function openLater(open: () => Promise<LimitStore>): LimitStore {
  let opened: Promise<LimitStore> | undefined;
  const store = () => (opened ??= open());
  return {
    take: async (...call) => (await store()).take(...call),
    giveBack: async (...call) => (await store()).giveBack(...call),
    read: async (...call) => (await store()).read(...call),
    forget: async (...call) => (await store()).forget(...call),
  };
}

async function openAtUpstash(upstash: { url: string; token: string }): Promise<LimitStore> {
  const [{ createRatelimitStore }, { openUpstash }] = await Promise.all([
    import("@/server/core/limit-stores/ratelimit"),
    import("@/server/core/limit-stores/upstash"),
  ]);
  return createRatelimitStore(openUpstash(upstash));
}

async function openInRedis(url: string): Promise<LimitStore> {
  const [{ createRatelimitStore }, { openRedis }] = await Promise.all([
    import("@/server/core/limit-stores/ratelimit"),
    import("@/server/core/limit-stores/redis"),
  ]);
  return createRatelimitStore(openRedis(url));
}

function open(): LimitStore {
  const { upstash, redisUrl } = env();
  if (upstash) return guardStore(openLater(() => openAtUpstash(upstash)));
  if (redisUrl !== null) return guardStore(openLater(() => openInRedis(redisUrl)));
  return databaseStore;
}

/** Where this installation counts: at Upstash, in a Redis, or in the database where neither is configured. */
export function chooseStore(): LimitStore {
  chosen ??= open();
  return chosen;
}

let ahead: AheadCounters | undefined;

/** The same counters for policies that need not be exact: busy subjects are counted ahead. */
export function chooseAhead(): AheadCounters {
  ahead ??= new AheadCounters(chooseStore());
  return ahead;
}
