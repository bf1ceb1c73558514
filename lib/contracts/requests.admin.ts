/** The log of calls as the console's page of requests shows it: what `traffic.admin` reads, with names. */
import { z } from "zod";
import { latencyFigures, requestEntry, requestPage, requestTail } from "@/lib/contracts/traffic.admin";
import { aliasMove } from "@/lib/contracts/releases.admin";

/** Names by customer id; customers that are gone are not in it. */
const customers = z.record(z.string(), z.string());

export const namedRequestPage = requestPage.extend({ customers });
export const namedRequestTail = requestTail.extend({ customers });

/** Which version answered as what when a call came in. */
export const releaseThen = z.object({
  live: z.int().nullable(),
  candidate: z.int().nullable(),
  /** Of the candidate, in per cent. */
  share: z.int().nullable(),
  /** The last moves before the call and the first ones after it, oldest first. */
  moves: z.array(aliasMove),
});

/** One call with everything that is known about it. */
export const requestDetail = z.object({
  entry: requestEntry,
  customer: z.object({ name: z.string(), email: z.string() }).nullable(),
  /** Null where the call asked no model, or the model is gone. */
  release: releaseThen.nullable(),
  /** Of calls of the same model, version and arm within the hour around it; null where the call asked no model. */
  usual: latencyFigures.nullable(),
  /** Other calls with the same request id: procedures of one batch, or a caller that chose it twice. */
  same_request: z.array(requestEntry),
});

export type NamedRequestPage = z.infer<typeof namedRequestPage>;
export type NamedRequestTail = z.infer<typeof namedRequestTail>;
export type ReleaseThen = z.infer<typeof releaseThen>;
export type RequestDetail = z.infer<typeof requestDetail>;
