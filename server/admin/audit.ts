import "server-only";
import { auditEntry, auditFacets, auditNumberInput, auditPage, auditVerdict, listAuditInput } from "@/lib/contracts/audit.admin";
import { noInput } from "@/lib/contracts/no-input";
import { createConsoleRouter, viewerProcedure } from "@/server/admin/procedures";
import { endStretches, getEntry, listActions, listEntries, verifyChain } from "@/server/modules/audit/service.admin";
import { listOperators } from "@/server/modules/operators/service.admin";

/** Every act of an operator: what is read here is all that was done, stretches that still go on included. */
export const auditRouter = createConsoleRouter({
  list: viewerProcedure.input(listAuditInput).output(auditPage).query(async ({ input }) => {
    await endStretches("all");
    return listEntries(input);
  }),
  get: viewerProcedure.input(auditNumberInput).output(auditEntry).query(({ input }) => getEntry(input.number)),
  facets: viewerProcedure.input(noInput).output(auditFacets).query(async () => {
    const [actions, operators] = await Promise.all([listActions(), listOperators()]);
    return { actions, operators: operators.map(({ id, name }) => ({ id, name })) };
  }),
  verify: viewerProcedure.input(noInput).output(auditVerdict).query(async () => {
    await endStretches("all");
    return verifyChain();
  }),
});
