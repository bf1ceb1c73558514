import "server-only";
import { done } from "@/lib/contracts/account";
import { noInput } from "@/lib/contracts/no-input";
import {
  changeOwnPasswordInput,
  codeInput,
  confirmPasswordInput,
  me,
  recoveryCodes,
  renameSelfInput,
  twoFactorSetup,
} from "@/lib/contracts/operators.admin";
import { anySessionProcedure, confirmedViewerProcedure, createConsoleRouter, viewerProcedure } from "@/server/admin/procedures";
import {
  beginTwoFactor,
  changeOwnPassword,
  confirmPassword,
  endTwoFactor,
  finishTwoFactor,
  readMe,
  renameSelf,
} from "@/server/modules/operators/service.admin";

/** What everybody may do about themselves. */
export const meRouter = createConsoleRouter({
  get: anySessionProcedure.input(noInput).output(me).query(({ ctx }) => readMe(ctx.session)),
  rename: viewerProcedure.input(renameSelfInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.rename", target: { kind: "operator", id: ctx.operator.id } }, () => renameSelf(ctx.session, input.name)),
  ),
  confirmPassword: viewerProcedure.input(confirmPasswordInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.confirm_password", target: { kind: "operator", id: ctx.operator.id } }, () =>
      confirmPassword(ctx.session, input.password),
    ),
  ),
  changePassword: anySessionProcedure.input(changeOwnPasswordInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.change_password", target: { kind: "operator", id: ctx.operator.id } }, () =>
      changeOwnPassword(ctx.session, input),
    ),
  ),
  beginTwoFactor: confirmedViewerProcedure.input(noInput).output(twoFactorSetup).mutation(({ ctx }) => beginTwoFactor(ctx.session)),
  finishTwoFactor: confirmedViewerProcedure.input(codeInput).output(recoveryCodes).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.add_two_factor", target: { kind: "operator", id: ctx.operator.id } }, () =>
      finishTwoFactor(ctx.session, input.code),
    ),
  ),
  endTwoFactor: confirmedViewerProcedure.input(codeInput).output(done).mutation(({ ctx, input }) =>
    ctx.act({ action: "operator.remove_two_factor", target: { kind: "operator", id: ctx.operator.id } }, () =>
      endTwoFactor(ctx.session, input.code),
    ),
  ),
});
