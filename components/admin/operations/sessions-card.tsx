"use client";

import { type FormEvent, useEffect, useId, useState } from "react";
import { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import type { SessionCounts } from "@/lib/contracts/operations.admin";
import { formatNumber } from "@/lib/format";
import { readRefusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

type ActName = "reload" | "customers" | "operators";

interface ActWords {
  title: string;
  /** What it is for. */
  what: string;
  verb: string;
  question: string;
  /** What it will do, once it is known whom it reaches. */
  breaks: (counts: SessionCounts) => string;
  told: string;
  send: () => Promise<unknown>;
}

const many = (count: number, one: string, more: string) => `${formatNumber(count, 0)} ${count === 1 ? one : more}`;

const acts: Record<ActName, ActWords> = {
  reload: {
    title: "Load all models anew",
    what: "Every process lets go of the models it has in memory and reads their files again.",
    verb: "Reload models",
    question: "Load all models anew?",
    breaks: () => "No call fails. The first call of each model takes longer, on each process, by the time its file takes to load.",
    told: "Every process loads its models anew, within three seconds.",
    send: () => consoleApi.operations.reloadModels.mutate({}),
  },
  customers: {
    title: "End all sessions of customers",
    what: "Everybody has to sign in anew. Keys go on.",
    verb: "End customers' sessions",
    question: "End all sessions of customers?",
    breaks: ({ customers }) =>
      `${many(customers, "customer has", "customers have")} signed in during the last 30 days and may still be signed in: ` +
      "each has to sign in anew, on every device. Calls with a key go on.",
    told: "All sessions of customers are over, within three seconds.",
    send: () => consoleApi.operations.endCustomerSessions.mutate({}),
  },
  operators: {
    title: "End all sessions of the console",
    what: "The whole team but you has to sign in anew.",
    verb: "End the team's sessions",
    question: "End all sessions of the console?",
    breaks: ({ operators }) =>
      operators === 0
        ? "Nobody but you is signed in at the moment."
        : `${many(operators, "session ends", "sessions end")} at once. What is being typed there is lost. Yours goes on.`,
    told: "All sessions of the console but yours are over.",
    send: () => consoleApi.operations.endOperatorSessions.mutate({}),
  },
};

/** Whom the acts would reach, asked when one is about to be done. */
function useCounts(): { counts: SessionCounts | null; failure: string | null } {
  const [counts, setCounts] = useState<SessionCounts | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const ended = new AbortController();
    const fail = (error: unknown) => ended.signal.aborted || setFailure(readRefusal(error).message);
    consoleApi.operations.sessions.query({}, { signal: ended.signal }).then(setCounts, fail);
    return () => ended.abort();
  }, []);
  return { counts, failure };
}

interface QuestionProps {
  asked: ActName;
  change: ReturnType<typeof useConfirmedChange>;
  onCancel: () => void;
  onDone: (words: string) => void;
}

function Question({ asked, change, onCancel, onDone }: QuestionProps) {
  const { breaks, verb, told, send } = acts[asked];
  const { counts, failure } = useCounts();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (counts) void change.run(send, () => onDone(told));
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {(change.refusal ?? failure) && <Notice tone="bad">{change.refusal?.message ?? failure}</Notice>}
      <p className="text-ink-2" role="status">
        {counts ? breaks(counts) : "Counting whom it reaches…"}
      </p>
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={change.busy} look={asked === "reload" ? "main" : "careful"}>
          {verb}
        </SubmitButton>
      </div>
    </form>
  );
}

interface ActRowsProps {
  may: Record<ActName, boolean>;
  /** The id of the words that say why something cannot be done. */
  barred: string;
  onAsk: (name: ActName) => void;
}

const names: readonly ActName[] = ["reload", "customers", "operators"];

function ActRows({ may, barred, onAsk }: ActRowsProps) {
  return names.map((name) => (
    <div key={name} className="ops-act">
      <div>
        <p className="font-[550]">{acts[name].title}</p>
        <p className="help">{acts[name].what}</p>
      </div>
      <button
        type="button"
        className="btn"
        disabled={!may[name]}
        aria-describedby={may[name] ? undefined : barred}
        onClick={() => onAsk(name)}
      >
        {acts[name].verb}
      </button>
    </div>
  ));
}

/** Acts on everything that is held open at once; what each will do is counted before it is done. */
export function SessionsCard({ role }: { role: "viewer" | "operator" | "owner" }) {
  const change = useConfirmedChange();
  const [asked, setAsked] = useState<ActName | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const barred = useId();
  const may: Record<ActName, boolean> = { reload: role !== "viewer", customers: role === "owner", operators: role === "owner" };
  const ask = (name: ActName | null) => {
    change.forget();
    setTold(null);
    setAsked(name);
  };
  return (
    <Card title="Models and sessions" flush>
      {told && (
        <Notice tone="ok" onClose={() => setTold(null)}>
          {told}
        </Notice>
      )}
      <ActRows may={may} barred={barred} onAsk={ask} />
      {role !== "owner" && (
        <p id={barred} className="help border-t border-line px-4 py-2">
          Loading models anew takes the role operator, ending sessions the role owner; yours is {role}.
        </p>
      )}
      <Dialog open={asked !== null} title={asked === null ? "" : acts[asked].question} onClose={() => ask(null)}>
        {asked !== null && (
          <Question
            asked={asked}
            change={change}
            onCancel={() => ask(null)}
            onDone={(words) => {
              ask(null);
              setTold(words);
            }}
          />
        )}
      </Dialog>
      {change.dialog}
    </Card>
  );
}
