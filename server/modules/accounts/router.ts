import "server-only";
import {
  account,
  changePasswordInput,
  confirmed,
  confirmInput,
  deleteAccountInput,
  done,
  mailSent,
  requestResetInput,
  resetPasswordInput,
  signUpInput,
  updateAccountInput,
} from "@/lib/contracts/account";
import { noInput } from "@/lib/contracts/no-input";
import { createRouter, customerProcedure, publicProcedure, sessionProcedure } from "@/server/core/trpc";
import { deleteAccount } from "@/server/modules/accounts/deletion";
import { changePassword, getAccount, signOutEverywhere, updateAccount } from "@/server/modules/accounts/service";
import { confirmSignUp, requestReset, requestSignUp, resetPassword } from "@/server/modules/accounts/sign-up";

export const accountRouter = createRouter({
  get: customerProcedure.input(noInput).output(account).query(({ ctx }) => getAccount(ctx.caller.customerId)),
  update: sessionProcedure.input(updateAccountInput).output(account).mutation(({ ctx, input }) => updateAccount(ctx.caller.customerId, input)),
  changePassword: sessionProcedure
    .input(changePasswordInput)
    .output(done)
    .mutation(({ ctx, input }) => changePassword(ctx.caller.customerId, input)),
  signOutEverywhere: sessionProcedure.input(noInput).output(done).mutation(({ ctx }) => signOutEverywhere(ctx.caller.customerId)),
  delete: sessionProcedure.input(deleteAccountInput).output(done).mutation(({ ctx, input }) => deleteAccount(ctx.caller.customerId, input)),
  signUp: publicProcedure.input(signUpInput).output(mailSent).mutation(({ ctx, input }) => requestSignUp(ctx, input)),
  confirm: publicProcedure.input(confirmInput).output(confirmed).mutation(({ input }) => confirmSignUp(input.token, input.password)),
  requestReset: publicProcedure.input(requestResetInput).output(mailSent).mutation(({ ctx, input }) => requestReset(ctx, input.email)),
  resetPassword: publicProcedure.input(resetPasswordInput).output(done).mutation(({ input }) => resetPassword(input.token, input.password)),
});
