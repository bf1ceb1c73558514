import "server-only";
import { z } from "zod";
import type { OutputData } from "@/server/modules/predict/answers";
import type { Feeds } from "@/server/modules/predict/runtime";

/** What a runner is asked: to open a model's file, or to run it. It comes from the service itself, so only its form is looked at. */
export type Question =
  | { kind: "open"; sha256: string; file: Uint8Array }
  | { kind: "run"; sha256: string; feeds: Feeds; fetches: string[] };

const isQuestion = (value: unknown): value is Question => typeof value === "object" && value !== null && "sha256" in value;
export const question = z.custom<Question>(isQuestion);

const isList = (value: unknown): value is OutputData["data"] => Array.isArray(value) || ArrayBuffer.isView(value);
const output = z.object({ dims: z.array(z.number()).readonly(), data: z.custom<OutputData["data"]>(isList) });

/** `unknown`: the runner does not have the model, and has to be given its file. */
export const reply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("unknown") }),
  z.object({ kind: z.literal("opened") }),
  z.object({ kind: z.literal("failed"), message: z.string() }),
  z.object({ kind: z.literal("answered"), outputs: z.map(z.string(), output), seconds: z.number() }),
]);
export type Reply = z.infer<typeof reply>;
