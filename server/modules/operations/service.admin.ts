import "server-only";
import type { z } from "zod";
import type { jobName, JobName, JobOutcome, JobState, jobRun, NoticeState, RemoveNotice, SetNotice } from "@/lib/contracts/operations.admin";
import { DomainError, toDomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { type LeaseTerms, runAlone } from "@/server/core/lease";
import { log } from "@/server/core/log";
import { moveMoment } from "@/server/core/moments";
import type { Changed, Facts, Operator } from "@/server/core/operator.admin";
import * as repository from "@/server/modules/operations/repository";
import { forgetNotice } from "@/server/modules/operations/service";

const KEPT_RUNS = 50;

function toNotice({ text, tone, from, to, changedAt, changedBy }: repository.NoticeRecord): NoticeState {
  const now = new Date();
  const over = to !== null && to <= now;
  const state = from !== null && from > now ? "planned" : over ? "over" : "shown";
  const span = { from: from?.toISOString() ?? null, to: to?.toISOString() ?? null };
  return { text, tone, ...span, state, changed_at: changedAt.toISOString(), changed_by: changedBy };
}

function factsOf(record: repository.NoticeRecord | null): Facts {
  if (!record) return null;
  const { text, tone, from, to } = toNotice(record);
  return { text, tone, from, to };
}

/** The notice there is, also one that is planned or over; null: none. */
export async function getNotice(): Promise<NoticeState | null> {
  const record = await repository.findNotice();
  return record && toNotice(record);
}

/** Another notice stands there than the one that was seen; its words are told, so that nobody has to look for them. */
async function tellOther(): Promise<DomainError> {
  const now = await repository.findNotice();
  const told = now ? `${now.changedBy} has written another one meanwhile: “${now.text}”` : "Somebody has taken the notice away meanwhile.";
  return new DomainError("conflict", `Nothing was changed. ${told}`);
}

/**
 * Puts a notice on every customers' page, in place of the one that was seen.
 * @throws {DomainError} `conflict`, when another one stands there by now: of two who write at once, one is told
 */
export async function setNotice({ text, tone, from, to, seen }: SetNotice, by: Operator): Promise<Changed<NoticeState>> {
  const span = { from: from === null ? null : new Date(from), to: to === null ? null : new Date(to) };
  // Later than the one before in any case: the moment is what tells two notices apart.
  const changedAt = new Date(Math.max(Date.now(), seen === null ? 0 : Date.parse(seen) + 1));
  const record: repository.NoticeRecord = { _id: "notice", text, tone, ...span, changedAt, changedBy: by.name };
  const before = seen === null ? null : await repository.replaceNotice(record, new Date(seen));
  if (seen === null ? !(await repository.insertNotice(record)) : before === null) throw await tellOther();
  forgetNotice();
  return { before: factsOf(before), after: factsOf(record), result: toNotice(record) };
}

/**
 * Takes the notice away; where there is none, there is nothing to do.
 * @throws {DomainError} `conflict`, when another one was seen than stands there by now
 */
export async function removeNotice({ seen }: RemoveNotice): Promise<Changed<{ done: true }>> {
  const before = seen === null ? null : await repository.removeNotice(seen === undefined ? null : new Date(seen));
  if (!before && (await repository.findNotice())) throw await tellOther();
  forgetNotice();
  return { before: factsOf(before), after: null, result: { done: true } };
}

/** What is done now and then, and how often. */
export interface Job extends LeaseTerms {
  name: z.infer<typeof jobName>;
  /** @returns what it did, in a few words without anything of customers */
  work: () => Promise<string>;
}

async function writeDown(run: Omit<repository.JobRunRecord, "_id">): Promise<void> {
  try {
    await repository.insertRun({ _id: createId("run", run.startedAt), ...run }, KEPT_RUNS);
  } catch (error) {
    log("warn", "job_not_recorded", { job: run.job, cause: error instanceof Error ? error.name : "unknown" });
  }
}

/**
 * Runs a job where it is due and no other process is at it, and writes the run down. Never throws: what fails is told, and the next
 * job has its turn.
 * @param by who asked for it; null: the scheduler
 */
export async function performJob({ name, work, ...terms }: Job, by: string | null): Promise<JobOutcome> {
  const startedAt = new Date();
  const started = performance.now();
  const end = async (outcome: "done" | "failed", detail: string): Promise<JobOutcome> => {
    const milliseconds = Number((performance.now() - started).toFixed(1));
    await writeDown({ job: name, startedAt, milliseconds, outcome, detail, by });
    return { job: name, outcome, milliseconds, detail };
  };
  try {
    const ran = await runAlone(`job:${name}`, terms, work);
    return ran ? await end("done", ran.result) : { job: name, outcome: "skipped", milliseconds: 0, detail: "Not due, or at it elsewhere" };
  } catch (thrown) {
    const { code, cause } = toDomainError(thrown);
    log("error", "job_failed", { job: name, code, cause: cause instanceof Error ? (cause.stack ?? cause.message) : "unknown" });
    return end("failed", code);
  }
}

function toRun({ _id: id, startedAt, job: _job, ...run }: repository.JobRunRecord, job: JobName): z.infer<typeof jobRun> {
  return { id, job, started_at: startedAt.toISOString(), ...run };
}

/** What each of the jobs did lately. */
export async function listJobs(jobs: readonly Pick<Job, "name" | "everyMs">[]): Promise<JobState[]> {
  return Promise.all(
    jobs.map(async ({ name, everyMs }) => {
      const runs = await repository.findRuns(name, KEPT_RUNS);
      return { name, every_seconds: Math.round(everyMs / 1000), runs: runs.map((run) => toRun(run, name)) };
    }),
  );
}

/** Every customer has to sign in anew; keys go on. Every process follows within three seconds. @param customers how many it may reach */
export async function endCustomerSessions(customers: number): Promise<Changed<{ done: true }>> {
  const at = await moveMoment("customer_sessions");
  return { before: { customers_signed_in: customers }, after: { ended_before: at.toISOString() }, result: { done: true } };
}

/** Every process loads its models anew, from the next call after three seconds on at the latest; calls that run go on. */
export async function reloadModels(): Promise<Changed<{ done: true }>> {
  const at = await moveMoment("model_sessions");
  return { before: null, after: { reloaded_at: at.toISOString() }, result: { done: true } };
}
