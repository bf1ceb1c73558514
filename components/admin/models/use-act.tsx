"use client";

import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";

/** The dialogs that ask before an act. */
export type Asked = "publish" | "start" | "promote" | "stop" | "back" | "unpublish";

export type ActState = ReturnType<typeof useAct>;

/**
 * An act on a model: asked for in a dialog (`asking` is the one that is open), sent once, told when it is done, and the page read again.
 * Where somebody else was faster the dialog goes, because what it asked is no longer so, and the refusal stands on the page.
 */
export function useAct() {
  const router = useRouter();
  const { busy, refusal, run, dialog } = useConfirmedChange();
  const [asking, setAsking] = useState<Asked | null>(null);
  const [isOld, setOld] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const wasLate = refusal?.code === "conflict";
  useEffect(() => {
    if (wasLate) router.refresh();
  }, [wasLate, router]);
  const act = (work: () => Promise<unknown>, done: string) => {
    setTold(null);
    setOld(false);
    void run(work, () => {
      setAsking(null);
      setTold(done);
      router.refresh();
    });
  };
  const ask = (wanted: Asked | null) => {
    setOld(true);
    setAsking(wanted);
  };
  const shown = isOld ? null : refusal;
  return { busy, refusal: shown, told, close: () => setTold(null), asking: wasLate && !isOld ? null : asking, ask, act, dialog };
}
