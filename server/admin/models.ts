import "server-only";
import { z } from "zod";
import {
  type AliasMoveView,
  type ConsoleModel,
  consoleModel,
  consoleModelPage,
  getConsoleModelInput,
  listConsoleModelsInput,
  pauseInput,
  promoteInput,
  releaseState,
  resumeInput,
  rollBackInput,
  setLiveInput,
  setShareInput,
  startCandidateInput,
  stopCandidateInput,
  unpublishInput,
  updateCardInput,
} from "@/lib/contracts/releases.admin";
import { armComparison, compareArmsInput } from "@/lib/contracts/traffic.admin";
import { confirmedOperatorProcedure, createConsoleRouter, operatorProcedure, viewerProcedure } from "@/server/admin/procedures";
import { DomainError } from "@/server/core/errors";
import { getModelForConsole, listModelsForConsole } from "@/server/modules/catalog/console.admin";
import {
  pauseModel,
  promote,
  resumeModel,
  rollBack,
  setLive,
  setShare,
  startCandidate,
  stopCandidate,
  unpublish,
} from "@/server/modules/catalog/releases.admin";
import { updateCard } from "@/server/modules/catalog/service.admin";
import { listOperators } from "@/server/modules/operators/service.admin";
import { compareArms } from "@/server/modules/traffic/service.admin";

/** An act for the audit, with the operator's own reason where one was given. */
function actOn(action: string, { slug, reason }: { slug: string; reason?: string }) {
  return { action: `model.${action}`, target: { kind: "model", id: slug }, ...(reason && { reason }) };
}

/** Operators by their names; commands and people who are gone keep what was written down. */
async function nameOperators(model: ConsoleModel): Promise<ConsoleModel> {
  const names = new Map((await listOperators()).map(({ id, name }) => [id, name]));
  const nameOf = (by: string) => names.get(by) ?? by;
  const { release, versions, moves } = model;
  return {
    ...model,
    release: { ...release, paused: release.paused && { ...release.paused, by: nameOf(release.paused.by) } },
    versions: versions.map((version) => ({ ...version, created_by: nameOf(version.created_by) })),
    moves: moves.map((move): AliasMoveView => ({ ...move, by: nameOf(move.by) })),
  };
}

/** Breaking what customers send is asked for by name and with the password; going back must not wait for one. */
function assertBreakingConfirmed(accepted: boolean, confirmed: boolean): void {
  if (accepted && !confirmed) throw new DomainError("confirmation_needed", "Type your password again to break what customers send.");
}

const cardRevision = z.object({ card_revision: z.int() });

/** Models, their versions, and who answers whom. */
export const modelsRouter = createConsoleRouter({
  list: viewerProcedure.input(listConsoleModelsInput).output(consoleModelPage).query(({ input }) => listModelsForConsole(input)),
  get: viewerProcedure.input(getConsoleModelInput).output(consoleModel).query(async ({ input }) => {
    return nameOperators(await getModelForConsole(input.slug));
  }),
  compare: viewerProcedure.input(compareArmsInput).output(armComparison).query(({ input }) => {
    const { model, versions, from, to } = input;
    return compareArms(model, versions, { from: new Date(from), ...(to !== undefined && { to: new Date(to) }) });
  }),
  startCandidate: operatorProcedure.input(startCandidateInput).output(releaseState).mutation(({ ctx, input }) => {
    assertBreakingConfirmed(input.accept_breaking, ctx.session.confirmed);
    return ctx.act(actOn("start_candidate", input), () => startCandidate(input, ctx.operator.id));
  }),
  setShare: operatorProcedure.input(setShareInput).output(releaseState).mutation(({ ctx, input }) =>
    ctx.act(actOn("set_share", input), () => setShare(input, ctx.operator.id)),
  ),
  promote: operatorProcedure.input(promoteInput).output(releaseState).mutation(({ ctx, input }) => {
    assertBreakingConfirmed(input.accept_breaking, ctx.session.confirmed);
    return ctx.act(actOn("promote", input), () => promote(input, ctx.operator.id));
  }),
  stopCandidate: operatorProcedure.input(stopCandidateInput).output(releaseState).mutation(({ ctx, input }) =>
    ctx.act(actOn("stop_candidate", input), () => stopCandidate(input, ctx.operator.id)),
  ),
  rollBack: operatorProcedure.input(rollBackInput).output(releaseState).mutation(({ ctx, input }) =>
    ctx.act(actOn("roll_back", input), () => rollBack(input, ctx.operator.id)),
  ),
  setLive: operatorProcedure.input(setLiveInput).output(releaseState).mutation(({ ctx, input }) => {
    assertBreakingConfirmed(input.accept_breaking, ctx.session.confirmed);
    return ctx.act(actOn("publish", input), () => setLive(input, ctx.operator.id));
  }),
  unpublish: confirmedOperatorProcedure.input(unpublishInput).output(releaseState).mutation(({ ctx, input }) =>
    ctx.act(actOn("unpublish", input), () => unpublish(input, ctx.operator.id)),
  ),
  pause: operatorProcedure.input(pauseInput).output(releaseState).mutation(({ ctx, input }) =>
    ctx.act(actOn("pause", input), () => pauseModel(input, ctx.operator.id)),
  ),
  resume: operatorProcedure.input(resumeInput).output(releaseState).mutation(({ ctx, input }) =>
    ctx.act(actOn("resume", input), () => resumeModel(input.slug, ctx.operator.id)),
  ),
  updateCard: operatorProcedure.input(updateCardInput).output(cardRevision).mutation(({ ctx, input }) =>
    ctx.act(actOn("update_card", input), () => updateCard(input)),
  ),
});
