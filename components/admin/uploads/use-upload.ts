"use client";

import { useEffect, useRef, useState } from "react";
import { addSample, rateOf, type Sample, secondsLeft } from "@/components/admin/uploads/transfer-rate";
import { forgetUpload, uploadFile } from "@/components/admin/uploads/upload-file";
import { readRefusal, type Refusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

export type UploadStep =
  | { kind: "choosing" }
  | { kind: "sending"; file: File; sent: number; rate: number | null; left: number | null }
  | { kind: "looking"; file: File }
  /** The way was cut off, or the service was busy: the same file may go on. */
  | { kind: "interrupted"; file: File; message: string }
  /** The file itself, or this operator, was refused. */
  | { kind: "refused"; file: File; refusal: Refusal };

/** Refusals after which the same file is worth another try. */
const PASSING: readonly (string | null)[] = [
  null,
  "overloaded",
  "database_unavailable",
  "internal_error",
  "rate_limited",
  "console_session_needed",
];

/** Remembers what is sent and tells the rate of it. */
function useMeter(show: (step: UploadStep) => void) {
  const samples = useRef<Sample[]>([]);
  return (file: File, sent: number) => {
    samples.current = addSample(samples.current, { at: performance.now(), sent });
    const rate = rateOf(samples.current);
    show({ kind: "sending", file, sent, rate, left: secondsLeft(sent, file.size, rate) });
  };
}

/**
 * One file on its way to a draft: sending, looking inside, or why not.
 * @param onDraft is told the id of the draft that came of it
 */
export function useUpload(onDraft: (id: string) => void) {
  const [step, setStep] = useState<UploadStep>({ kind: "choosing" });
  const running = useRef<AbortController | null>(null);
  const note = useMeter(setStep);
  useEffect(() => () => running.current?.abort(), []);

  const bring = async (file: File, slug: string | undefined, signal: AbortSignal) => {
    const id = await uploadFile({ file, signal, onProgress: (sent) => signal.aborted || note(file, sent) });
    if (signal.aborted) return;
    setStep({ kind: "looking", file });
    const draft = await consoleApi.uploads.finish.mutate({ id, slug }, { signal });
    forgetUpload(file);
    if (!signal.aborted) onDraft(draft.id);
  };
  const fail = (file: File, error: unknown) => {
    const refusal = readRefusal(error);
    if (PASSING.includes(refusal.code)) return setStep({ kind: "interrupted", file, message: refusal.message });
    forgetUpload(file);
    setStep({ kind: "refused", file, refusal });
  };
  const start = async (file: File, slug: string | undefined) => {
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    note(file, 0);
    await bring(file, slug, signal).catch((error: unknown) => signal.aborted || fail(file, error));
  };
  /** What was sent stays for a day: choosing the same file again goes on from there. */
  const stop = () => {
    running.current?.abort();
    setStep({ kind: "choosing" });
  };
  return { step, start, stop };
}
