"use client";

import { useEffect, useState } from "react";
import { checkDraft } from "@/components/admin/alerts/rule-draft";
import { sayAlertValue } from "@/lib/alert-words.admin";
import type { AlertRuleInput, RulePreview } from "@/lib/contracts/alerts.admin";
import { readRefusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

/** Until the typing stops. */
const PAUSE_MS = 350;

function sayMinutes(minutes: number): string {
  if (minutes < 120) return minutes === 1 ? "a minute" : `${minutes} minutes`;
  return `${Math.round(minutes / 60)} hours`;
}

function sayPreview({ metric }: AlertRuleInput, { fired, minutes, worst, now }: RulePreview): string {
  const value = (found: number | null) => (found === null ? "too few calls to tell" : sayAlertValue(metric, found));
  const times = fired === 1 ? "once" : `${fired} times`;
  const told = fired === 0 ? "would not have fired" : `would have fired ${times}, for ${sayMinutes(minutes)} in all`;
  return `In the last 24 hours it ${told}. Worst: ${value(worst)}. Now: ${value(now)}.`;
}

/** What a rule would have done, asked anew when it changes. */
function usePreview(draft: AlertRuleInput): string {
  const [words, setWords] = useState("");
  const asked = JSON.stringify({ ...draft, name: "Preview", mail_to: [] });
  const isComplete = Object.values(checkDraft({ ...draft, name: "Preview", mail_to: [] })).every((fault) => fault === undefined);
  useEffect(() => {
    if (!isComplete) return;
    const rule: AlertRuleInput = JSON.parse(asked);
    const ended = new AbortController();
    const timer = setTimeout(() => {
      consoleApi.alerts.preview.query(rule, { signal: ended.signal }).then(
        (preview) => setWords(sayPreview(rule, preview)),
        (error: unknown) => ended.signal.aborted || setWords(readRefusal(error).message),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [asked, isComplete]);
  return isComplete ? words : "Fill in the numbers to see what it would have done.";
}

/** What the rule in the form would have done, told when the typing stops. */
export function RulePreviewLine({ draft }: { draft: AlertRuleInput }) {
  const words = usePreview(draft);
  return (
    <p className="alert-preview" role="status">
      {words || "Looking at the last 24 hours…"}
    </p>
  );
}
