"use client";

import { useCallback, useRef, useState } from "react";
import { fillValues, pickValues } from "@/components/admin/uploads/case-values";
import type { DraftStore } from "@/components/admin/uploads/draft-store";
import { explainRefusal } from "@/components/admin/uploads/use-draft";
import { renameKey } from "@/components/admin/uploads/schema-edits";
import { type PredictionState, type ShownAnswer, toFieldErrors, toRow } from "@/components/predict/use-prediction";
import type { FormValue, FormValues } from "@/lib/case-url";
import { checkRow } from "@/lib/check-row";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import type { Row } from "@/lib/contracts/predict";
import type { Draft } from "@/lib/contracts/uploads.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

function firstAnswer({ tried }: Draft): ShownAnswer | null {
  return tried?.current ? { caseKey: tried.at, output: tried.output, warnings: tried.warnings } : null;
}

const resting: PredictionState = { answer: null, before: null, status: "answered", failure: null, fieldErrors: {} };

/** The case that is in the form: checked as a customer's is, coerced where it can be. */
export function readCase(schema: ModelSchema, values: FormValues): { row: Row; errors: Record<string, string> } {
  const { row, errors } = checkRow(schema, toRow(schema, fillValues(schema, values)), "#/input");
  return { row, errors: toFieldErrors(errors) };
}

/** A test prediction with the draft as it stands: what is in the form, what the model says to it, and what is wrong. */
export function useTry(first: Draft, store: DraftStore) {
  const [values, setValues] = useState(() => pickValues(first.schema, first.tried?.input ?? first.examples[0]?.input ?? {}));
  const [state, setState] = useState<PredictionState>({ ...resting, answer: firstAnswer(first) });
  const running = useRef(false);
  const refuse = (fieldErrors: Record<string, string>) => setState((last) => ({ ...last, status: "stale", failure: null, fieldErrors }));
  const fail = (failure: string, fieldErrors: Record<string, string> = {}) =>
    setState((last) => ({ ...last, status: "failed", failure, fieldErrors }));

  const send = async (row: Row) => {
    if (!(await store.flush())) return fail("What is written is not saved yet. Correct what is marked, then try again.");
    try {
      const { output, warnings, draft } = await consoleApi.uploads.try.mutate({ id: first.id, input: row });
      store.take(draft);
      const answer = { caseKey: JSON.stringify(row), output, warnings };
      setState(({ answer: last }) => ({ ...resting, answer, before: last?.caseKey === answer.caseKey ? null : last }));
    } catch (error) {
      const { message, errors } = explainRefusal(error);
      const ofRow = errors.filter(({ pointer }) => pointer === "#/input" || pointer.startsWith("#/input/"));
      store.complain(errors.filter((problem) => !ofRow.includes(problem)));
      fail(message, toFieldErrors(ofRow));
    }
  };
  /** @returns the names of the fields that are wrong */
  const ask = async (): Promise<string[]> => {
    const { row, errors } = readCase(store.read().parts.schema, values);
    if (Object.keys(errors).length > 0) {
      refuse(errors);
      return Object.keys(errors);
    }
    if (running.current) return [];
    running.current = true;
    setState((last) => ({ ...last, status: "slow", failure: null, fieldErrors: {} }));
    await send(row).finally(() => {
      running.current = false;
    });
    return [];
  };
  /** The same function every time, so that a form of hundreds of fields is not drawn again for nothing. */
  const change = useCallback((name: string, value: FormValue) => {
    setValues((last) => ({ ...last, [name]: value }));
    setState((last) => ({ ...last, status: last.answer ? "stale" : last.status }));
  }, []);
  const show = (row: Record<string, unknown>) => {
    setValues(pickValues(store.read().parts.schema, row));
    setState((last) => ({ ...last, status: last.answer ? "stale" : last.status, fieldErrors: {} }));
  };
  const rename = (from: string, to: string) => setValues((last) => renameKey(last, from, to));
  return { values, state, ask, change, show, rename };
}
