"use client";

import { useState } from "react";
import { leaveForProvider } from "@/components/accounts/auth-client";
import { Notice } from "@/components/ui/notice";
import { readRefusal } from "@/lib/refusal";

interface ProviderButtonsProps {
  providers: { id: "github" | "google"; title: string }[];
  /** Where to go on after signing in. */
  next: string;
}

/** The ways in without a password; nothing where none is set up. */
export function ProviderButtons({ providers, next }: ProviderButtonsProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  if (providers.length === 0) return null;
  const leave = async (provider: "github" | "google") => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    try {
      await leaveForProvider(provider, next);
    } catch (error) {
      setFailure(readRefusal(error).message);
      setBusy(false);
    }
  };
  return (
    <div className="mt-5 grid gap-2.5 border-t border-line pt-5">
      {failure && <Notice tone="bad">{failure}</Notice>}
      {providers.map(({ id, title }) => (
        <button key={id} type="button" className="btn w-full" aria-disabled={busy} onClick={() => leave(id)}>
          Continue with {title}
        </button>
      ))}
    </div>
  );
}
