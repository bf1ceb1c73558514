import "server-only";
import { createHash, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import packageFile from "@/package.json";
import { env } from "@/server/core/env";
import { log } from "@/server/core/log";
import type { Surface } from "@/server/modules/traffic/collection";
import { putProcess, removeProcess } from "@/server/modules/traffic/repository";

/** One small write; a process that was killed is noticed after two of them were missed (`SILENT_MS` of overview.admin.ts). */
const EVERY_MS = 3_000;
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e6;

interface Served {
  surfaces: ReadonlySet<Surface>;
  calls: number;
}

/** Machines are told apart, not named. */
const host = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

/** What a process of a role is there for; a function serves a part of it, and finds out which by the calls that come. */
function listOwnSurfaces(): Surface[] {
  const { role, serverless } = env();
  if (serverless || role === "site") return [];
  return role === "all" ? ["api", "console"] : [role === "admin" ? "console" : "api"];
}

/** What this process says of itself every three seconds, from its first call or probe on: by a timer, or where there are none beside its calls. */
export class ProcessReporter {
  readonly #id = randomUUID();
  readonly #startedAt = new Date(Date.now() - process.uptime() * 1000);
  readonly #served: Served;
  #delay: IntervalHistogram | undefined;
  #timer: NodeJS.Timeout | undefined;
  #due = 0;
  #reporting: Promise<void> | undefined;
  /** Whether this process could predict if it were asked to; throws if not. */
  check: (() => Promise<void>) | undefined;

  constructor(served: Served) {
    this.#served = served;
  }

  /** Reports when it is time to; waits for nothing and never throws. */
  keepUp(): void {
    if (!this.#delay) {
      this.#delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#delay.enable();
    }
    if (!env().serverless) this.#timer ??= setInterval(() => this.keepUp(), EVERY_MS).unref();
    if (performance.now() < this.#due || this.#reporting) return;
    this.#due = performance.now() + EVERY_MS - 500;
    this.#reporting = this.#report().finally(() => (this.#reporting = undefined));
  }

  /** Resolves when the report that is under way is written. */
  async settle(): Promise<void> {
    await this.#reporting;
  }

  /** The process ends: it is not silent, it is gone. */
  async end(): Promise<void> {
    if (!this.#delay) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#delay.disable();
    this.#delay = undefined;
    this.#due = 0;
    await this.#reporting;
    await removeProcess(this.#id).catch(() => {});
  }

  async #canPredict(): Promise<boolean | null> {
    if (!this.check) return null;
    return this.check().then(() => true, () => false);
  }

  async #report(): Promise<void> {
    const { rss, heapUsed } = process.memoryUsage();
    const late = (this.#delay?.percentile(99) ?? 0) / NANOSECONDS - RESOLUTION_MS;
    this.#delay?.reset();
    try {
      await putProcess({
        _id: this.#id,
        host,
        pid: process.pid,
        surfaces: [...new Set([...listOwnSurfaces(), ...this.#served.surfaces])].sort(),
        version: packageFile.version,
        node: process.version,
        startedAt: this.#startedAt,
        lastSeenAt: new Date(),
        rss,
        heap: heapUsed,
        loopDelay: Number(Math.max(0, late).toFixed(1)),
        calls: this.#served.calls,
        canPredict: await this.#canPredict(),
      });
    } catch (error) {
      log("warn", "process_not_reported", { cause: error instanceof Error ? error.name : "unknown" });
    }
  }
}
