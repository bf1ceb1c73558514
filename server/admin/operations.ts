import "server-only";
import { done } from "@/lib/contracts/account";
import { noInput } from "@/lib/contracts/no-input";
import {
  environmentAnswer,
  jobList,
  jobOutcome,
  noticeAnswer,
  noticeState,
  removeNoticeInput,
  runJobInput,
  sessionCounts,
  setNoticeInput,
} from "@/lib/contracts/operations.admin";
import { jobs, runJobNow } from "@/server/admin/jobs";
import { confirmedOwnerProcedure, createConsoleRouter, operatorProcedure, viewerProcedure } from "@/server/admin/procedures";
import { readMoment } from "@/server/core/moments";
import { countSignedIn } from "@/server/modules/accounts/service.admin";
import { readEnvironment } from "@/server/modules/operations/environment.admin";
import { endCustomerSessions, getNotice, listJobs, reloadModels, removeNotice, setNotice } from "@/server/modules/operations/service.admin";
import { countOtherSessions, endOtherSessions } from "@/server/modules/operators/service.admin";
import { listProcesses } from "@/server/modules/traffic/service.admin";

const service = (id: string) => ({ kind: "service", id });

async function countSessions() {
  const [ended, reloaded] = await Promise.all([readMoment("customer_sessions"), readMoment("model_sessions")]);
  const [operators, customers] = await Promise.all([countOtherSessions(), countSignedIn(ended)]);
  const moments = { customers_ended_at: ended?.toISOString() ?? null, models_reloaded_at: reloaded?.toISOString() ?? null };
  return { operators, customers, ...moments };
}

/** Running the service as a whole. */
export const operationsRouter = createConsoleRouter({
  notice: viewerProcedure.input(noInput).output(noticeAnswer).query(() => getNotice()),
  setNotice: operatorProcedure.input(setNoticeInput).output(noticeState).mutation(({ ctx, input }) =>
    ctx.act({ action: "notice.set", target: service("notice") }, () => setNotice(input, ctx.operator)),
  ),
  removeNotice: operatorProcedure.input(removeNoticeInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "notice.remove", target: service("notice") }, () => removeNotice(input)),
  ),
  environment: viewerProcedure.input(noInput).output(environmentAnswer).query(async () => {
    const [environment, processes] = await Promise.all([readEnvironment(), listProcesses()]);
    return { ...environment, processes };
  }),
  jobs: viewerProcedure.input(noInput).output(jobList).query(async () => ({ items: await listJobs(jobs) })),
  runJob: operatorProcedure.input(runJobInput).output(jobOutcome).mutation(({ ctx, input }) =>
    ctx.act({ action: "job.run", target: { kind: "job", id: input.job } }, async () => {
      const result = await runJobNow(input.job, ctx.operator.name);
      return { before: null, after: { outcome: result.outcome, detail: result.detail }, result };
    }),
  ),
  sessions: viewerProcedure.input(noInput).output(sessionCounts).query(() => countSessions()),
  endOperatorSessions: confirmedOwnerProcedure.input(noInput).output(done).mutation(({ ctx }) =>
    ctx.act({ action: "operator.end_all_sessions", target: service("console") }, () => endOtherSessions(ctx.session)),
  ),
  endCustomerSessions: confirmedOwnerProcedure.input(noInput).output(done).mutation(({ ctx }) =>
    ctx.act({ action: "customer.end_all_sessions", target: service("customers") }, async () =>
      endCustomerSessions(await countSignedIn(await readMoment("customer_sessions"))),
    ),
  ),
  reloadModels: operatorProcedure.input(noInput).output(done).mutation(({ ctx }) =>
    ctx.act({ action: "model.reload_all", target: service("models") }, () => reloadModels()),
  ),
});
