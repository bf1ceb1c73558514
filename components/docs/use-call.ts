"use client";

import { useEffect, useRef, useState } from "react";
import type { CallRequest } from "@/lib/openapi-call";
import { writeJson } from "@/lib/openapi-view";

/** Headers of the answer that are shown, in this order. */
const SHOWN_HEADERS = ["request-id", "model-version", "model-arm", "ratelimit", "ratelimit-policy", "retry-after", "idempotent-replayed"];

export interface Answered {
  state: "answered";
  status: number;
  statusText: string;
  /** From sending to the last byte, in milliseconds. */
  time: number;
  headers: [string, string][];
  body: string;
}

export type Outcome = { state: "rest" } | { state: "waiting" } | { state: "unreachable" } | Answered;

function layOut(text: string): string {
  try {
    return writeJson(JSON.parse(text));
  } catch {
    return text;
  }
}

/** Calls this page's own service and reads the whole answer; throws when the network or the service does not answer. */
async function call({ method, target, headers, body }: CallRequest, signal: AbortSignal): Promise<Answered> {
  const start = performance.now();
  const response = await fetch(target, { method, headers, body: body ?? null, cache: "no-store", signal });
  const text = await response.text();
  return {
    state: "answered",
    status: response.status,
    statusText: response.statusText,
    time: performance.now() - start,
    headers: SHOWN_HEADERS.flatMap((name): [string, string][] => {
      const value = response.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
    body: layOut(text),
  };
}

/** The state of one call at a time; a call that is still out is dropped when the next is sent or the page is left. */
export function useCall() {
  const [outcome, setOutcome] = useState<Outcome>({ state: "rest" });
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const send = async (request: CallRequest) => {
    running.current?.abort();
    const own = new AbortController();
    running.current = own;
    setOutcome({ state: "waiting" });
    try {
      const answered = await call(request, own.signal);
      if (!own.signal.aborted) setOutcome(answered);
    } catch {
      if (!own.signal.aborted) setOutcome({ state: "unreachable" });
    }
  };
  return { outcome, send };
}
