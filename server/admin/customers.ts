import "server-only";
import { done } from "@/lib/contracts/account";
import {
  addNoteInput,
  customerActInput,
  customerDetail,
  customerInput,
  customerKeyInput,
  customerNote,
  customerPage,
  customerUsageInput,
  limitsPreview,
  listCustomersInput,
  previewLimitsInput,
  removeNoteInput,
  revokeCustomerKeyInput,
  setLimitsInput,
  suspendPreview,
} from "@/lib/contracts/customers.admin";
import { apiKey } from "@/lib/contracts/keys";
import { requestPage } from "@/lib/contracts/traffic.admin";
import { usageSeries } from "@/lib/contracts/usage";
import { confirmedOperatorProcedure, createConsoleRouter, operatorProcedure, viewerProcedure } from "@/server/admin/procedures";
import {
  addNote,
  endCustomerSessions,
  removeNote,
  setCustomerLimits,
  suspendCustomer,
  unsuspendCustomer,
} from "@/server/modules/accounts/acts.admin";
import { previewLimits, previewSuspend } from "@/server/modules/accounts/consequences.admin";
import { listCustomers } from "@/server/modules/accounts/search.admin";
import { getCustomer, readCustomerUsage } from "@/server/modules/accounts/service.admin";
import { getKey, revokeCustomerKey } from "@/server/modules/keys/service.admin";
import { listRequests } from "@/server/modules/traffic/service.admin";

const LATEST_REQUESTS = 10;

const act = (name: string, id: string, reason?: string) => ({
  action: `customer.${name}`,
  target: { kind: "customer", id },
  ...(reason !== undefined && { reason }),
});

/** Who the customers are, and what operators do for or against one of them. Their inputs and outputs are shown to nobody. */
export const customersRouter = createConsoleRouter({
  list: viewerProcedure.input(listCustomersInput).output(customerPage).query(({ input }) => listCustomers(input)),
  get: viewerProcedure.input(customerInput).output(customerDetail).query(({ input }) => getCustomer(input.id)),
  usage: viewerProcedure.input(customerUsageInput).output(usageSeries).query(({ input }) => readCustomerUsage(input.id, input.days)),
  requests: viewerProcedure.input(customerInput).output(requestPage).query(({ input }) =>
    listRequests({ filters: { customer: input.id }, limit: LATEST_REQUESTS }),
  ),
  previewLimits: viewerProcedure.input(previewLimitsInput).output(limitsPreview).query(({ input }) => previewLimits(input.id, input)),
  previewSuspend: viewerProcedure.input(customerInput).output(suspendPreview).query(({ input }) => previewSuspend(input.id)),
  key: viewerProcedure.input(customerKeyInput).output(apiKey).query(({ input }) => getKey(input.id, input.key)),
  setLimits: operatorProcedure.input(setLimitsInput).output(done).mutation(({ ctx, input }) =>
    ctx.act(act("set_limits", input.id, input.reason), () => setCustomerLimits(input.id, input, input.seen)),
  ),
  suspend: confirmedOperatorProcedure.input(customerActInput).output(done).mutation(({ ctx, input }) =>
    ctx.act(act("suspend", input.id, input.reason), () => suspendCustomer(input.id)),
  ),
  unsuspend: operatorProcedure.input(customerActInput).output(done).mutation(({ ctx, input }) =>
    ctx.act(act("unsuspend", input.id, input.reason), () => unsuspendCustomer(input.id)),
  ),
  endSessions: operatorProcedure.input(customerActInput).output(done).mutation(({ ctx, input }) =>
    ctx.act(act("end_sessions", input.id, input.reason), () => endCustomerSessions(input.id)),
  ),
  revokeKey: confirmedOperatorProcedure.input(revokeCustomerKeyInput).output(apiKey).mutation(({ ctx, input }) =>
    ctx.act(act("revoke_key", input.id, input.reason), () => revokeCustomerKey(input.id, input.key)),
  ),
  addNote: operatorProcedure.input(addNoteInput).output(customerNote).mutation(({ ctx, input }) =>
    ctx.act(act("add_note", input.id), () => addNote(input.id, input.text, ctx.operator.name)),
  ),
  removeNote: operatorProcedure.input(removeNoteInput).output(done).mutation(({ ctx, input }) =>
    ctx.act(act("remove_note", input.id), () => removeNote(input.id, input.note)),
  ),
});
