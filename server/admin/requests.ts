import "server-only";
import { requestDetail, namedRequestPage, namedRequestTail } from "@/lib/contracts/requests.admin";
import {
  countRequestsInput,
  errorGroups,
  getRequestInput,
  groupErrorsInput,
  listRequestsInput,
  requestCountsAnswer,
  tailInput,
} from "@/lib/contracts/traffic.admin";
import { createConsoleRouter, viewerProcedure } from "@/server/admin/procedures";
import { nameCustomers, readRequestDetail } from "@/server/admin/request-detail";
import { countRequestsPerBucket, groupErrors, listRequests, tailRequests } from "@/server/modules/traffic/service.admin";

/** The log of calls: what was asked of whom, how it ended and how long it took. What was sent and answered is not in it. */
export const requestsRouter = createConsoleRouter({
  list: viewerProcedure.input(listRequestsInput).output(namedRequestPage).query(async ({ input }) => {
    const page = await listRequests(input);
    return { ...page, customers: await nameCustomers(page.items) };
  }),
  tail: viewerProcedure.input(tailInput).output(namedRequestTail).query(async ({ input }) => {
    const tail = await tailRequests(input);
    return { ...tail, customers: await nameCustomers(tail.items) };
  }),
  get: viewerProcedure.input(getRequestInput).output(requestDetail).query(({ input }) => readRequestDetail(input.id)),
  counts: viewerProcedure.input(countRequestsInput).output(requestCountsAnswer).query(({ input }) => countRequestsPerBucket(input.filters)),
  errors: viewerProcedure.input(groupErrorsInput).output(errorGroups).query(({ input }) => groupErrors(input)),
});
