/** The error body every door sends: RFC 9457 problem details with a stable code. */
import { z } from "zod";

/** One refused field. `pointer` is a JSON pointer into the body as a URI fragment (RFC 6901 section 6), e.g. `#/input/tenure`. */
export const fieldProblem = z.object({ pointer: z.string(), detail: z.string() });

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z.array(fieldProblem).optional(),
});

export type FieldProblem = z.infer<typeof fieldProblem>;
export type Problem = z.infer<typeof problem>;
