import "server-only";
import { createHash, timingSafeEqual } from "node:crypto";
import type { JobName, JobOutcome, UpkeepReport } from "@/lib/contracts/operations.admin";
import { warmOverview } from "@/server/admin/overview-warm";
import { answer, answerPersonal, inTime, MethodRefused } from "@/server/core/answer";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { toResponse } from "@/server/core/exchange";
import { isAtLeast } from "@/server/core/operator.admin";
import { assertServed } from "@/server/core/served";
import { finishDeletions } from "@/server/modules/accounts/deletion";
import { evaluateRules } from "@/server/modules/alerts/evaluation.admin";
import { deliverMails } from "@/server/modules/alerts/mails";
import { recordLostActs } from "@/server/modules/audit/service.admin";
import { type Job, performJob } from "@/server/modules/operations/service.admin";
import { listOperators } from "@/server/modules/operators/service.admin";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const ANSWER_MS = 55 * SECOND_MS;

/** Whom alerts are mailed to where a rule does not say: everybody who runs models, and has signed in once. */
async function readTeam(): Promise<string[]> {
  const team = await listOperators();
  return team.filter(({ role, status }) => status === "active" && isAtLeast(role, "operator")).map(({ email }) => email);
}

async function lookAtRules(): Promise<string> {
  const { rules, broken, opened, closed } = await evaluateRules(await readTeam());
  return `${rules} rules, ${broken} broken; ${opened} opened, ${closed} closed`;
}

async function sendAlertMails(): Promise<string> {
  const { sent, failed } = await deliverMails();
  return failed === 0 ? `${sent} sent` : `${sent} sent, ${failed} to be tried again`;
}

async function finish(work: () => Promise<void>): Promise<string> {
  await work();
  return "Nothing is left over";
}

/** A little less than half a minute, so that whoever calls every half a minute is never too early. */
const HALF_MINUTE_MS = 29 * SECOND_MS;

/** Everything that is done now and then, in this order. */
export const jobs: readonly Job[] = [
  { name: "alerts", holdMs: MINUTE_MS, everyMs: HALF_MINUTE_MS, work: lookAtRules },
  { name: "alert_mail", holdMs: MINUTE_MS, everyMs: HALF_MINUTE_MS, work: sendAlertMails },
  { name: "audit", holdMs: 2 * MINUTE_MS, everyMs: MINUTE_MS, work: () => finish(recordLostActs) },
  { name: "deletions", holdMs: 5 * MINUTE_MS, everyMs: 10 * MINUTE_MS, work: () => finish(finishDeletions) },
];

/** Runs one job now, due or not. @throws {DomainError} `not_found` */
export async function runJobNow(name: JobName, by: string): Promise<JobOutcome> {
  const job = jobs.find((each) => each.name === name);
  if (!job) throw new DomainError("not_found", "There is no such job.");
  return performJob({ ...job, everyMs: 0 }, by);
}

/** Runs what is due, one after the other; what fails does not stop the next. */
export async function runDueJobs(): Promise<UpkeepReport> {
  const started = performance.now();
  const outcomes: JobOutcome[] = [];
  for (const job of jobs) outcomes.push(await performJob(job, null));
  return { jobs: outcomes, milliseconds: Number((performance.now() - started).toFixed(1)) };
}

const digest = (text: string) => createHash("sha256").update(text).digest();

/** Compared by their hashes, so that the time it takes tells nothing of the secret. @throws {DomainError} `key_missing`, `key_invalid` */
export function assertScheduler(request: Request): void {
  const given = /^bearer +(\S.*)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (given === undefined) throw new DomainError("key_missing", "Send the scheduler's secret as `Authorization: Bearer …`.");
  const { cronSecret } = env();
  if (cronSecret !== null && timingSafeEqual(digest(given), digest(cronSecret))) return;
  throw new DomainError("key_invalid", "This is not the scheduler's secret.");
}

/**
 * `/admin/jobs/upkeep`: what a scheduler calls, a session opens nothing here. The networks that the console is narrowed to are those of
 * people; the scheduler calls from wherever the platform has it, and proves itself by its secret alone.
 */
export async function handleUpkeep(request: Request): Promise<Response> {
  const run = async () => {
    assertServed("admin");
    if (request.method !== "GET" && request.method !== "POST") throw new MethodRefused("GET, POST");
    assertScheduler(request);
    void warmOverview();
    return inTime(ANSWER_MS, runDueJobs().then((report) => toResponse(answerPersonal(JSON.stringify(report)))));
  };
  return answer(request, run, { surface: "console", route: "/admin/jobs/upkeep" });
}
