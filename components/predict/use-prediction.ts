"use client";

import { TRPCClientError } from "@trpc/client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { FormValues } from "@/lib/case-url";
import type { Example } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { PredictionOutput, Row, Warning } from "@/lib/contracts/predict";
import type { FieldProblem } from "@/lib/contracts/problem";
import { checkRow } from "@/lib/check-row";
import { api } from "@/lib/trpc-client";
import type { AppRouter } from "@/server/api/router";

/** Before this a waiting reader sees the last answer untouched. */
const SLOW_MS = 300;

/** One answer, and what stands on the plate under it. */
export interface ShownAnswer {
  /** The case it answers, so that asking the same again leaves the trace of the one before. */
  caseKey: string;
  output: PredictionOutput;
  warnings: Warning[];
  /** Absent for an example's stored answer, which nobody asked for just now. */
  call?: { id: string; version: number; predictMs: number };
}

export interface PredictionState {
  answer: ShownAnswer | null;
  before: ShownAnswer | null;
  status: "answered" | "asking" | "slow" | "stale" | "failed";
  /** Why there is no answer, in words. */
  failure: string | null;
  fieldErrors: Record<string, string>;
}

/** `#/input/tenure` names the field `tenure`; `#/input` is about all of them together. */
export function toFieldErrors(errors: FieldProblem[]): Record<string, string> {
  const named = errors.map(({ pointer, detail }) => [pointer.split("/")[2], detail] as const);
  return Object.fromEntries(named.flatMap(([name, detail]) => (name === undefined ? [] : [[decodeURIComponent(name), detail]])));
}

/** How long to wait before asking again, where the answer says so (`Retry-After`, RFC 9110 section 10.2.3). */
function sayWait({ meta }: TRPCClientError<AppRouter>): string {
  const response = meta?.["response"];
  const seconds = response instanceof Response ? Number(response.headers.get("Retry-After")) : 0;
  if (!(seconds > 0)) return "";
  return ` Ask again in ${seconds === 1 ? "a second" : `${seconds} seconds`}.`;
}

function explain(error: unknown): { failure: string; fieldErrors: Record<string, string> } {
  if (error instanceof TRPCClientError) {
    const refused = error as TRPCClientError<AppRouter>;
    const { data, message } = refused;
    if (data) return { failure: `${message}${sayWait(refused)}`, fieldErrors: toFieldErrors(data.errors ?? []) };
  }
  return { failure: "The service cannot be reached. The answer shown is the last one.", fieldErrors: {} };
}

/** What is empty and may be missing is left out; an emptied field with a default is told, not filled in behind one's back. */
export function toRow(schema: ModelSchema, values: FormValues): Record<string, unknown> {
  const canMiss = new Set(schema.inputs.filter((field) => !field.required || field.type === "image").map((field) => field.name));
  const isLeftOut = (name: string) => values[name] === "" && canMiss.has(name);
  return Object.fromEntries(Object.entries(values).filter(([name]) => !isLeftOut(name)));
}

type Step = (last: PredictionState) => PredictionState;

const refuseFields = (fieldErrors: Record<string, string>): Step => (last) => ({ ...last, status: "stale", failure: null, fieldErrors });
const startAsking: Step = (last) => ({ ...last, status: last.status === "slow" ? "slow" : "asking", failure: null, fieldErrors: {} });
const growSlow: Step = (last) => ({ ...last, status: "slow" });
const goStale: Step = (last) => ({ ...last, status: "stale", failure: null });
const takeAnswer = (answer: ShownAnswer): Step => (last) => {
  const before = last.answer?.caseKey === answer.caseKey ? last.before : last.answer;
  return { answer, before, status: "answered", failure: null, fieldErrors: {} };
};
const fail = (told: { failure: string; fieldErrors: Record<string, string> }): Step => (last) => ({ ...last, status: "failed", ...told });

/** Hands out one call at a time: a new one ends the one before it, and so does leaving the page. */
function useNewest() {
  const current = useRef<AbortController | null>(null);
  const end = useCallback(() => current.current?.abort(), []);
  const begin = useCallback(() => {
    end();
    current.current = new AbortController();
    return current.current.signal;
  }, [end]);
  useEffect(() => end, [end]);
  return { begin, end };
}

function keyOf(schema: ModelSchema, row: Row): string {
  return JSON.stringify(schema.inputs.map((field) => row[field.name]));
}

/** The answer that is kept with an example: known without asking. */
export function toStoredAnswer(schema: ModelSchema, example: Example): ShownAnswer {
  return { caseKey: keyOf(schema, example.input), output: example.output, warnings: [] };
}

async function askModel(model: string, row: Row, signal: AbortSignal): Promise<Omit<ShownAnswer, "caseKey">> {
  const made = await api.predict.run.mutate({ model, input: row }, { signal });
  const call = { id: made.id, version: made.version, predictMs: made.metrics.predict_time * 1_000 };
  return { output: made.output, warnings: made.warnings, call };
}

/**
 * Asks the model and keeps the trace: the answer, the one before it, and what is wrong with the fields.
 * A late answer never replaces a newer one: each call ends the one before it, and an ended call is not listened to.
 */
export function usePrediction(model: string, schema: ModelSchema, first: ShownAnswer | null) {
  const status = first ? "answered" : "asking";
  const [state, setState] = useState<PredictionState>({ answer: first, before: null, status, failure: null, fieldErrors: {} });
  const { begin, end } = useNewest();

  /** @returns the names of the fields that are wrong, in the order of the form */
  const ask = useCallback(
    async (values: FormValues): Promise<string[]> => {
      const signal = begin();
      const checked = checkRow(schema, toRow(schema, values), "#/input");
      const fieldErrors = toFieldErrors(checked.errors);
      setState(checked.errors.length > 0 ? refuseFields(fieldErrors) : startAsking);
      if (checked.errors.length > 0) return Object.keys(fieldErrors);
      const slow = setTimeout(() => !signal.aborted && setState(growSlow), SLOW_MS);
      try {
        const answer = await askModel(model, checked.row, signal);
        if (!signal.aborted) setState(takeAnswer({ caseKey: keyOf(schema, checked.row), ...answer }));
        return [];
      } catch (error) {
        if (signal.aborted) return [];
        const told = explain(error);
        setState(fail(told));
        return Object.keys(told.fieldErrors);
      } finally {
        clearTimeout(slow);
      }
    },
    [begin, model, schema],
  );

  /** Replaces a running call by something that is known without asking. */
  const replaceBy = useCallback(
    (step: Step) => {
      end();
      setState(step);
    },
    [end],
  );
  const show = useCallback((answer: ShownAnswer) => replaceBy(takeAnswer(answer)), [replaceBy]);
  const markStale = useCallback(() => replaceBy(goStale), [replaceBy]);
  return { state, ask, show, markStale };
}
