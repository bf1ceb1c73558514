"use client";

import { TRPCClientError } from "@trpc/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { DraftStore } from "@/components/admin/uploads/draft-store";
import type { Draft, DraftChanges } from "@/lib/contracts/uploads.admin";
import type { FieldProblem } from "@/lib/contracts/problem";
import { readRefusal, type Refusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";
import type { ConsoleRouter } from "@/server/admin/router";

/** A refusal with the places it is about. */
export function explainRefusal(error: unknown): Refusal & { errors: FieldProblem[] } {
  const errors = error instanceof TRPCClientError ? ((error as TRPCClientError<ConsoleRouter>).data?.errors ?? []) : [];
  return { ...readRefusal(error), errors };
}

/** Asks before the page is left while something is not saved. */
function useLeaveGuard(store: DraftStore): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (store.isDirty()) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [store]);
}

/** A draft that is edited on this page. What is still unsaved when the page is left for another one is saved on the way out. */
export function useDraft(first: Draft) {
  const [store] = useState(() => {
    const send = (revision: number, changes: DraftChanges) => consoleApi.uploads.change.mutate({ id: first.id, revision, changes });
    return new DraftStore(first, { send, explain: explainRefusal });
  });
  const state = useSyncExternalStore(store.subscribe, store.read, store.read);
  useLeaveGuard(store);
  useEffect(
    () => () => {
      if (store.isDirty()) void store.flush();
      else store.stop();
    },
    [store],
  );
  return { store, ...state };
}
