"use client";

import { useRef, useState } from "react";
import { readRefusal, type Refusal } from "@/lib/refusal";

/** A change that is sent to the service: whether it runs, why it was refused, and `run`, which takes no second one meanwhile. */
export function useChange() {
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const running = useRef(false);
  const run = async <Result>(work: () => Promise<Result>, then: (result: Result) => void): Promise<void> => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setRefusal(null);
    try {
      then(await work());
    } catch (error) {
      setRefusal(readRefusal(error));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, refusal, run };
}
