import "server-only";
import { apiKey, createKeyInput, keyInput, keyList, newKey, rotateKeyInput, updateKeyInput } from "@/lib/contracts/keys";
import { noInput } from "@/lib/contracts/no-input";
import { createRouter, sessionProcedure } from "@/server/core/trpc";
import { createKey, listKeys, revokeKey, rotateKey, updateKey } from "@/server/modules/keys/service";

export const keysRouter = createRouter({
  list: sessionProcedure.input(noInput).output(keyList).query(async ({ ctx }) => ({ items: await listKeys(ctx.caller.customerId) })),
  create: sessionProcedure.input(createKeyInput).output(newKey).mutation(({ ctx, input }) => createKey(ctx.caller.customerId, input)),
  update: sessionProcedure.input(updateKeyInput).output(apiKey).mutation(({ ctx, input }) => updateKey(ctx.caller.customerId, input)),
  rotate: sessionProcedure
    .input(rotateKeyInput)
    .output(newKey)
    .mutation(({ ctx, input }) => rotateKey(ctx.caller.customerId, input.id, input.grace)),
  revoke: sessionProcedure.input(keyInput).output(apiKey).mutation(({ ctx, input }) => revokeKey(ctx.caller.customerId, input.id)),
});
