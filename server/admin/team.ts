import "server-only";
import { done } from "@/lib/contracts/account";
import { noInput } from "@/lib/contracts/no-input";
import {
  addOperatorInput,
  changeOperatorInput,
  oneTimePassword,
  operatorIdInput,
  operatorList,
  operatorRow,
} from "@/lib/contracts/operators.admin";
import { confirmedOwnerProcedure, createConsoleRouter, viewerProcedure } from "@/server/admin/procedures";
import { addOperator, changeOperator, endSessionsOf, listOperators, resetOperator } from "@/server/modules/operators/service.admin";

const operatorTarget = (id: string) => ({ kind: "operator", id });

/** Who is of the team. */
export const teamRouter = createConsoleRouter({
  list: viewerProcedure.input(noInput).output(operatorList).query(async () => ({ items: await listOperators() })),
  add: confirmedOwnerProcedure.input(addOperatorInput).output(oneTimePassword).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.add", target: operatorTarget(input.email) }, () => addOperator(input)),
  ),
  change: confirmedOwnerProcedure.input(changeOperatorInput).output(operatorRow).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.change", target: operatorTarget(input.id) }, () => changeOperator(input)),
  ),
  reset: confirmedOwnerProcedure.input(operatorIdInput).output(oneTimePassword).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.reset", target: operatorTarget(input.id) }, () => resetOperator(input.id, ctx.operator.id)),
  ),
  endSessions: confirmedOwnerProcedure.input(operatorIdInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.end_sessions", target: operatorTarget(input.id) }, () => endSessionsOf(input.id)),
  ),
});
