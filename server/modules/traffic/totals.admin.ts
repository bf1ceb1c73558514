import "server-only";
import type { CallBucket } from "@/server/modules/traffic/collection";
import { findCallsAcrossCustomers, findErrorsAcrossCustomers, findProcessesAcrossCustomers } from "@/server/modules/traffic/repository";
import { describeProcesses, groupBuckets, judgePredicting } from "@/server/modules/traffic/overview.admin";
import { coverSpan, startOf } from "@/server/modules/traffic/spans";
import type { CanPredict, ErrorGroup, ProcessReport } from "@/lib/contracts/traffic.admin";

/** What was counted since midnight, UTC: it only grows until the next midnight. */
export interface CallTotals {
  surface: CallBucket["surface"];
  /** Null: calls that asked no model. */
  model: string | null;
  version: number | null;
  arm: CallBucket["arm"];
  rows: number;
  answered: number;
  /** Without those that a limit refused. */
  refused: number;
  limited: number;
  failed: number;
  /** Calls by number of bucket (lib/latency-histogram.ts). */
  latency: Map<number, number>;
}

export interface Totals {
  calls: CallTotals[];
  errors: ErrorGroup[];
  processes: ProcessReport[];
  canPredict: CanPredict;
}

const outcomes = ["rows", "answered", "refused", "limited", "failed"] as const;

function startTotals({ surface, model, version, arm }: Pick<CallTotals, "surface" | "model" | "version" | "arm">): CallTotals {
  return { surface, model, version, arm, rows: 0, answered: 0, refused: 0, limited: 0, failed: 0, latency: new Map() };
}

function addTo(totals: CallTotals, { calls, rows, refused, limited, failed, latency = {} }: CallBucket): void {
  totals.rows += rows;
  totals.answered += calls - refused - failed;
  totals.refused += refused - limited;
  totals.limited += limited;
  totals.failed += failed;
  for (const [name, count] of Object.entries(latency)) {
    const bucket = Number(name.slice(1));
    totals.latency.set(bucket, (totals.latency.get(bucket) ?? 0) + count);
  }
}

/** What a surface counted without what its models did. Both were read at nearly the same time: what is one ahead counts as none. */
function subtract(all: CallTotals, parts: CallTotals[]): CallTotals {
  const rest = { ...all, latency: new Map(all.latency) };
  for (const part of parts) {
    for (const name of outcomes) rest[name] = Math.max(0, rest[name] - part[name]);
    for (const [bucket, count] of part.latency) rest.latency.set(bucket, Math.max(0, (rest.latency.get(bucket) ?? 0) - count));
  }
  return rest;
}

async function readSurfaceTotals(surface: CallBucket["surface"], from: number, now: number): Promise<CallTotals[]> {
  const spans = coverSpan(from, now, now);
  const [models, everything] = await Promise.all([
    findCallsAcrossCustomers({ scope: "arm", surface }, spans),
    findCallsAcrossCustomers({ scope: "all", surface }, spans),
  ]);
  const byArm = new Map<string, CallTotals>();
  for (const bucket of models) {
    const name = `${bucket.model}/${bucket.version}/${bucket.arm}`;
    const totals = byArm.get(name) ?? startTotals(bucket);
    addTo(totals, bucket);
    byArm.set(name, totals);
  }
  const all = startTotals({ surface, model: null, version: null, arm: null });
  for (const bucket of everything) addTo(all, bucket);
  return [subtract(all, [...byArm.values()]), ...byArm.values()];
}

/** What a scraper reads, at the cost of the buckets of a day. Counts begin again at midnight, UTC, as those of a process that restarts. */
export async function readTotals(): Promise<Totals> {
  const now = Date.now();
  const midnight = startOf("1d", now);
  const [api, console, errors, records] = await Promise.all([
    readSurfaceTotals("api", midnight, now),
    readSurfaceTotals("console", midnight, now),
    findErrorsAcrossCustomers({}, coverSpan(midnight, now, now)),
    findProcessesAcrossCustomers(),
  ]);
  const processes = describeProcesses(records, now);
  const groups = groupBuckets(errors).map(({ name: _name, ...group }) => group);
  return { calls: [...api, ...console], errors: groups, processes, canPredict: await judgePredicting(processes, now) };
}
