"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";

/** An act on a customer: sent once, with the password where it wants it, told when it is done, and the page read again. */
export function useCustomerAct<Asked>() {
  const router = useRouter();
  const change = useConfirmedChange();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const ask = (next: Asked | null) => {
    change.forget();
    setAsked(next);
  };
  const act = (work: () => Promise<unknown>, words: string) => {
    setTold(null);
    void change.run(work, () => {
      setAsked(null);
      setTold(words);
      router.refresh();
    });
  };
  return { busy: change.busy, refusal: change.refusal, dialog: change.dialog, asked, ask, act, told, closeTold: () => setTold(null) };
}
