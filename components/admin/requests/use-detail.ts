"use client";

import { useEffect, useState } from "react";
import type { RequestDetail } from "@/lib/contracts/requests.admin";
import { readRefusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

export type Detail = { state: "reading" } | { state: "there"; detail: RequestDetail } | { state: "failed"; code: string | null; message: string };

interface Known {
  id: string;
  found: Detail;
}

function toKnown(id: string | null, given: RequestDetail | "gone" | null): Known | null {
  if (id === null || given === null) return null;
  if (given === "gone") return { id, found: { state: "failed", code: "not_found", message: "There is no such entry; the log keeps 30 days." } };
  return { id, found: { state: "there", detail: given } };
}

/** Everything about the opened entry; asked for when it is opened. @param given what the page came with */
export function useDetail(id: string | null, given: RequestDetail | "gone" | null): Detail | null {
  const [known, setKnown] = useState<Known | null>(() => toKnown(id, given));
  const isKnown = known?.id === id;
  useEffect(() => {
    if (id === null || isKnown) return;
    const abort = new AbortController();
    const found = (detail: Detail) => {
      if (!abort.signal.aborted) setKnown({ id, found: detail });
    };
    consoleApi.requests.get.query({ id }, { signal: abort.signal }).then(
      (detail) => found({ state: "there", detail }),
      (error: unknown) => {
        const { code, message } = readRefusal(error);
        found({ state: "failed", code, message });
      },
    );
    return () => abort.abort();
  }, [id, isKnown]);
  if (id === null) return null;
  return isKnown ? known.found : { state: "reading" };
}
