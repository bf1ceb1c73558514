import "server-only";
import { env } from "@/server/core/env";
import { AheadCounters } from "@/server/core/limit-stores/ahead";
import { databaseStore } from "@/server/core/limit-stores/database";
import { guardStore } from "@/server/core/limit-stores/guarded";
import { createRatelimitStore } from "@/server/core/limit-stores/ratelimit";
import { openRedis } from "@/server/core/limit-stores/redis";
import type { LimitStore } from "@/server/core/limit-stores/store";
import { openUpstash } from "@/server/core/limit-stores/upstash";

let chosen: LimitStore | undefined;

function open(): LimitStore {
  const { upstash, redisUrl } = env();
  if (upstash) return guardStore(createRatelimitStore(openUpstash(upstash)));
  if (redisUrl !== null) return guardStore(createRatelimitStore(openRedis(redisUrl)));
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
