import "server-only";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { CallFacts, Surface } from "@/server/core/call-facts";
import { env } from "@/server/core/env";
import { type Family, type Labels, type Sample, writeFamilies } from "@/server/core/metrics-text";

/** Seconds. Those of OpenTelemetry's `http.server.request.duration`, and two below them: most predictions take a few milliseconds. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const DELAY_RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;

type Counted = Pick<CallFacts, "model" | "version" | "arm" | "status" | "rows" | "milliseconds">;

/** The calls of one surface, model, version and arm. */
interface Cell {
  labels: Labels;
  byStatus: Map<number, number>;
  rows: number;
  /** Calls that were not refused by their time: one of each bound, and what was longer. */
  buckets: number[];
  seconds: number;
}

function newCell(labels: Labels): Cell {
  return { labels, byStatus: new Map(), rows: 0, buckets: Array.from({ length: BOUNDS.length + 1 }, () => 0), seconds: 0 };
}

function describeDurations({ labels, buckets, seconds }: Cell): Sample[] {
  let sum = 0;
  const bounds = [...BOUNDS.map(String), "+Inf"];
  const samples = bounds.map((le, index) => {
    sum += buckets[index] ?? 0;
    return { suffix: "_bucket", labels: { ...labels, le }, value: sum };
  });
  return [...samples, { suffix: "_sum", labels, value: seconds }, { suffix: "_count", labels, value: sum }];
}

function describeCells(cells: readonly Cell[]): Family[] {
  const byStatus = ({ labels, byStatus }: Cell) => [...byStatus].map(([code, value]) => ({ labels: { ...labels, code }, value }));
  const asked = cells.filter(({ labels }) => labels.model !== null);
  return [
    {
      name: "vitrine_request_total",
      type: "counter",
      help: "Calls this process answered, by their HTTP status. Without a model: calls that asked none.",
      samples: cells.flatMap(byStatus),
    },
    {
      name: "vitrine_request_duration_seconds",
      type: "histogram",
      help: "Time in this process of calls that were not refused.",
      samples: cells.flatMap(describeDurations),
    },
    {
      name: "vitrine_inference_total",
      type: "counter",
      help: "Rows that models answered in this process.",
      samples: asked.map(({ labels, rows }) => ({ labels, value: rows })),
    },
  ];
}

const single = (name: string, type: "counter" | "gauge", help: string, value: number): Family => {
  return { name, type, help, samples: [{ labels: {}, value }] };
};

/** Names as the Prometheus clients have them, so that dashboards for any process fit this one. */
function describeProcess(delay: IntervalHistogram): Family[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const { build, role } = env();
  const lag = (share: number) => delay.percentile(share) / NANOSECONDS;
  return [
    single("process_resident_memory_bytes", "gauge", "Memory of this process.", rss),
    single("nodejs_heap_size_used_bytes", "gauge", "What of it JavaScript uses.", heapUsed),
    single("process_cpu_seconds_total", "counter", "Processor time this process took.", (user + system) / 1e6),
    single("process_start_time_seconds", "gauge", "When this process started, in Unix time.", Math.round(Date.now() / 1_000 - process.uptime())),
    single("nodejs_eventloop_lag_p50_seconds", "gauge", "How late this process was at its work since it was last asked, median.", lag(50)),
    single("nodejs_eventloop_lag_p99_seconds", "gauge", "The same, 99th percentile.", lag(99)),
    {
      name: "vitrine_build_info",
      type: "gauge",
      help: "Which build runs, and as what.",
      samples: [{ labels: { build, role, node: process.versions.node }, value: 1 }],
    },
  ];
}

/** What one process counts of its own calls, in memory: for a scraper that asks each process, which adds them up itself. */
export class ProcessMetrics {
  readonly #cells = new Map<string, Cell>();
  readonly #inProgress = new Map<Surface, number>();
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });

  constructor() {
    this.#delay.enable();
  }

  /** @param change 1 where a call arrives, -1 where it is answered */
  changeInProgress(surface: Surface, change: 1 | -1): void {
    this.#inProgress.set(surface, (this.#inProgress.get(surface) ?? 0) + change);
  }

  count(surface: Surface, { model, version, arm, status, rows, milliseconds }: Counted): void {
    const key = `${surface} ${model} ${version} ${arm}`;
    let cell = this.#cells.get(key);
    if (!cell) this.#cells.set(key, (cell = newCell({ surface, model, version, arm })));
    cell.byStatus.set(status, (cell.byStatus.get(status) ?? 0) + 1);
    if (status < 300 && rows !== null) cell.rows += rows;
    if (status >= 400 && status < 500) return;
    const seconds = milliseconds / 1_000;
    const found = BOUNDS.findIndex((bound) => seconds <= bound);
    const index = found === -1 ? BOUNDS.length : found;
    cell.buckets[index] = (cell.buckets[index] ?? 0) + 1;
    cell.seconds += seconds;
  }

  /** Everything in the text format of Prometheus; the delay of the event loop is measured anew from here on. */
  write(): string {
    const inProgress: Family = {
      name: "vitrine_request_in_progress",
      type: "gauge",
      help: "Calls this process is working on.",
      samples: [...this.#inProgress].map(([surface, value]) => ({ labels: { surface }, value })),
    };
    const families = [...describeCells([...this.#cells.values()]), inProgress, ...describeProcess(this.#delay)];
    this.#delay.reset();
    return writeFamilies(families);
  }
}

/** One a process, kept on `globalThis` because Next evaluates modules more than once; whoever hosts the routes serves it (bin/support/metrics.mjs). */
const holder: typeof globalThis & { vitrineMetrics?: ProcessMetrics } = globalThis;

/** Begins to count where somebody can read it; otherwise counting costs nothing. */
export function startMetrics(): void {
  if (env().metrics) holder.vitrineMetrics ??= new ProcessMetrics();
}

/** Counts an answered call, where calls are counted. */
export function countCall(surface: Surface, call: Counted): void {
  holder.vitrineMetrics?.count(surface, call);
}

/** @param change 1 where a call arrives, -1 where it is answered */
export function countInProgress(surface: Surface, change: 1 | -1): void {
  holder.vitrineMetrics?.changeInProgress(surface, change);
}
