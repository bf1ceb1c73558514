"use client";

import { useEffect, useMemo, useRef, useState } from "react";
import { toStoredAnswer, usePrediction } from "@/components/predict/use-prediction";
import { type FormValue, type FormValues, fromQuery, isSameCase, STORED_CASE, toFormValues, toQuery } from "@/lib/case-url";
import type { Example } from "@/lib/contracts/catalog";
import type { InputField } from "@/lib/contracts/model-schema";
import type { ShownVersion } from "@/lib/shown-version";

/** While a control is moving, the model is asked once it has rested this long, */
const REST_MS = 60;
/** and not again before this time is over: each question counts against the reader's minute. */
const PACE_MS = 250;
/** Models slower than this are asked only when told to. */
const MOVING_LIMIT_MS = 150;

interface CaseOptions {
  model: string;
  live: ShownVersion;
  /** What the form starts with: the first example, or the case that the address names. */
  start: FormValues;
  /** The form values that need no query: the first example's. */
  base: FormValues;
  /** Whether the case is kept in the address. */
  inAddress: boolean;
}

/** Finds the example that holds exactly these values. */
function useExamples({ examples, schema }: ShownVersion): (values: FormValues) => Example | undefined {
  const forms = useMemo(() => examples.map(({ input }) => toFormValues(input)), [examples]);
  return (values) => examples[forms.findIndex((form) => isSameCase(schema.inputs, form, values))];
}

/**
 * What the form begins with. Going back brings the page as it was first sent, but the address as it was left: the address is right.
 * On the way to this page the browser still shows the address of the one before, which says nothing about this model.
 */
function readAddress(model: string, fields: InputField[], start: FormValues, base: FormValues): FormValues {
  if (typeof window === "undefined" || window.location.pathname !== `/models/${model}`) return start;
  const query = new URLSearchParams(window.location.search);
  return query.has(STORED_CASE) ? start : fromQuery(fields, query, base);
}

function useRest() {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(-PACE_MS);
  const stop = () => clearTimeout(timer.current);
  useEffect(() => () => clearTimeout(timer.current), []);
  const after = (work: () => void) => {
    stop();
    const askNow = () => {
      asked.current = performance.now();
      work();
    };
    timer.current = setTimeout(askNow, Math.max(REST_MS, asked.current + PACE_MS - performance.now()));
  };
  return { stop, after };
}

/** A case being tried: the values of its fields, the answer to them, and what both were before. */
export function useCase({ model, live, start, base, inAddress }: CaseOptions) {
  const fields = live.schema.inputs;
  const [values, setValues] = useState(() => (inAddress ? readAddress(model, fields, start, base) : start));
  const [first] = useState(values);
  const findExample = useExamples(live);
  const stored = findExample(first);
  const { state, ask, show, markStale } = usePrediction(model, live.schema, stored ? toStoredAnswer(live.schema, stored) : null);
  const [was, setWas] = useState<FormValues>();
  const [moving, setMoving] = useState(live.latency.p95_ms < MOVING_LIMIT_MS);
  const asked = useRef(first);
  const rest = useRest();
  useEffect(() => {
    if (!stored) void ask(first);
  }, [ask, stored, first]);

  const remember = (next: FormValues) => {
    if (!isSameCase(fields, asked.current, next)) setWas(asked.current);
    asked.current = next;
  };
  const put = (next: FormValues) => {
    rest.stop();
    setValues(next);
    if (!inAddress) return;
    const query = toQuery(fields, next, base);
    window.history.replaceState(window.history.state, "", query ? `?${query}` : window.location.pathname);
  };
  /** @returns the names of the fields that are wrong */
  const askFor = async (next: FormValues) => {
    rest.stop();
    remember(next);
    return ask(next);
  };
  /** @param settled false while a control is still moving */
  const change = (name: string, value: FormValue, settled = true) => {
    const next = { ...values, [name]: value };
    put(next);
    if (!moving) markStale();
    else if (settled) void askFor(next);
    else rest.after(() => void askFor(next));
  };
  const choose = (example: Example) => {
    const next = toFormValues(example.input);
    put(next);
    remember(next);
    show(toStoredAnswer(live.schema, example));
  };
  return { values, was, state, moving, setMoving, chosen: values === first ? stored : findExample(values), change, choose, askAgain: () => askFor(values) };
}
