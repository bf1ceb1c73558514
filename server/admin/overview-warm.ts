import "server-only";
import { trafficRange } from "@/lib/contracts/traffic.admin";
import { readOverviewBoard } from "@/server/admin/overview-board";
import { env } from "@/server/core/env";
import { log } from "@/server/core/log";

let warmed: Promise<void> | undefined;

async function readEachRange(): Promise<void> {
  for (const range of trafficRange.options.toReversed()) await readOverviewBoard(range);
}

/**
 * Reads the overview once a process, for nobody: its counts lie far apart in the file of a database that has just started, and the first
 * reader would wait for the disk. Functions, which start with each reader, have nothing to gain.
 * @returns when that is done; never throws
 */
export async function warmOverview(): Promise<void> {
  if (env().serverless) return;
  warmed ??= readEachRange().catch((error: unknown) => {
    warmed = undefined;
    log("warn", "overview_not_warmed", { cause: error instanceof Error ? error.name : "unknown" });
  });
  await warmed;
}
