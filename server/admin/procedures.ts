import "server-only";
import { initTRPC } from "@trpc/server";
import type { Role } from "@/lib/contracts/operators.admin";
import { assertMayAct, inTurnOf } from "@/server/admin/turns";
import { DomainError } from "@/server/core/errors";
import { assertRole, type Changed } from "@/server/core/operator.admin";
import { describeError, translateResult } from "@/server/core/trpc";
import { type Act, performAct, performInStretch } from "@/server/modules/audit/service.admin";
import type { OperatorSession } from "@/server/modules/operators/sessions";

/** What the console's door hands to every procedure. */
export interface ConsoleContext {
  /** null: nobody is signed in. */
  session: OperatorSession | null;
  /** The network address the call came from, for the audit. */
  address: string;
  /** A name for that address, for limits. */
  subject: string;
  requestId: string;
  origin: string;
  headers: Headers;
}

const trpc = initTRPC.context<ConsoleContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error, path, ctx }) => ({ ...shape, ...describeError(error, path, ctx?.requestId) }),
});

export const createConsoleRouter = trpc.router;
export const createConsoleCallerFactory = trpc.createCallerFactory;

/** @throws {DomainError} `console_session_needed` */
function requireSession({ session }: ConsoleContext): OperatorSession {
  if (session) return session;
  throw new DomainError("console_session_needed", "Sign in to the console.");
}

/**
 * Does something on behalf of whoever is signed in and writes it down in the audit, see {@link performAct}.
 * @throws {LimitReached} `rate_limited`, and then nothing is done or written down: nobody is to bury what was done under what was not
 */
function actFor(context: ConsoleContext, { operator }: OperatorSession) {
  const actor = { operator, address: context.address, requestId: context.requestId };
  return async <Result>(act: Act, work: () => Promise<Changed<Result>>): Promise<Result> => {
    await assertMayAct(operator.id);
    return performAct(actor, act, work);
  };
}

/** As {@link actFor}, for what a page does again and again while somebody writes, see {@link performInStretch}. */
function actInStretchFor(context: ConsoleContext, { operator }: OperatorSession) {
  const actor = { operator, address: context.address, requestId: context.requestId };
  return <Result>(act: Act, work: () => Promise<Changed<Result>>): Promise<Result> => performInStretch(actor, act, work);
}

const translated = trpc.procedure.use(async ({ next }) => translateResult(await next()));

/** For whoever is signed in, also with a password that must be changed first: only what leads out of that. */
export const anySessionProcedure = translated.use(({ ctx, next }) => {
  const session = requireSession(ctx);
  const acts = { act: actFor(ctx, session), actInStretch: actInStretchFor(ctx, session) };
  const signedIn = { ...ctx, session, operator: session.operator, ...acts };
  return inTurnOf(session.operator.id, () => next({ ctx: signedIn }));
});

function procedureFor(role: Role) {
  return anySessionProcedure.use(({ ctx, next }) => {
    if (ctx.session.mustChangePassword) throw new DomainError("password_change_needed", "Choose a password of your own first.");
    assertRole(ctx.operator, role);
    return next();
  });
}

/** Looking. */
export const viewerProcedure = procedureFor("viewer");
/** Running the models and helping customers. */
export const operatorProcedure = procedureFor("operator");
/** Deciding who is an operator. */
export const ownerProcedure = procedureFor("owner");

/** A dangerous act: the password must have been typed again in the last ten minutes. @throws {DomainError} `confirmation_needed` */
function confirmed(procedure: typeof operatorProcedure) {
  return procedure.use(({ ctx, next }) => {
    if (!ctx.session.confirmed) throw new DomainError("confirmation_needed", "Type your password again to do this.");
    return next();
  });
}

export const confirmedViewerProcedure = confirmed(viewerProcedure);
export const confirmedOperatorProcedure = confirmed(operatorProcedure);
export const confirmedOwnerProcedure = confirmed(ownerProcedure);
