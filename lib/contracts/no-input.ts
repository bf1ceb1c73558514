import { z } from "zod";

/** Of procedures that need to be told nothing. */
export const noInput = z.strictObject({}).default({});
