"use client";

import { useId } from "react";
import { sayEndSessions, saySuspend } from "@/components/admin/customers/consequence-words";
import { ReasonForm } from "@/components/admin/customers/reason-form";
import { useCustomerAct } from "@/components/admin/customers/use-customer-act";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import type { CustomerDetail } from "@/lib/contracts/customers.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

type Asked = "suspend" | "unsuspend" | "end";

interface Question {
  title: string;
  verb: string;
  careful: boolean;
  words: string;
  done: string;
  load?: () => Promise<string[]>;
  send: (reason: string) => Promise<unknown>;
}

function questionOf(asked: Asked, { account }: CustomerDetail): Question {
  const { id, name } = account;
  const questions: Record<Asked, Question> = {
    suspend: {
      title: `Suspend ${name}?`,
      verb: "Suspend",
      careful: true,
      words: "Keys and signed-in pages stop within seconds. Nothing is deleted, and it can be taken back.",
      done: `${name} is suspended.`,
      load: async () => saySuspend(await consoleApi.customers.previewSuspend.query({ id })),
      send: (reason) => consoleApi.customers.suspend.mutate({ id, reason }),
    },
    unsuspend: {
      title: `Let ${name} in again?`,
      verb: "Unsuspend",
      careful: false,
      words: "Keys work again within seconds, and so do pages whose session nobody ended.",
      done: `${name} is not suspended any more.`,
      send: (reason) => consoleApi.customers.unsuspend.mutate({ id, reason }),
    },
    end: {
      title: `End all sessions of ${name}?`,
      verb: "End sessions",
      careful: true,
      words: "For an account that somebody else may be signed in to. The password stays as it is.",
      done: `All sessions of ${name} are over.`,
      load: async () => sayEndSessions((await consoleApi.customers.previewSuspend.query({ id })).sessions),
      send: (reason) => consoleApi.customers.endSessions.mutate({ id, reason }),
    },
  };
  return questions[asked];
}

interface CustomerActsProps {
  customer: CustomerDetail;
  /** The reader's role, where it is not enough. */
  barredRole: string | null;
}

/** What can be done about the account as a whole. */
export function CustomerActs({ customer, barredRole }: CustomerActsProps) {
  const { busy, refusal, dialog, asked, ask, act, told, closeTold } = useCustomerAct<Asked>();
  const help = useId();
  const isOff = barredRole !== null || customer.status === "leaving";
  const why = barredRole === null ? "The customer is deleting this account." : `Acting takes the role operator; yours is ${barredRole}.`;
  const question = asked && questionOf(asked, customer);
  const button = (which: Asked, words: string, look: string) => (
    <button
      type="button"
      className={`btn btn-small ${look}`}
      disabled={isOff}
      aria-describedby={isOff ? help : undefined}
      onClick={() => ask(which)}
    >
      {words}
    </button>
  );
  return (
    <div className="grid gap-2">
      {told && <Notice tone="ok" title={told} onClose={closeTold} />}
      <div className="flex flex-wrap items-center gap-2">
        {customer.status === "suspended" ? button("unsuspend", "Unsuspend", "") : button("suspend", "Suspend", "btn-careful")}
        {button("end", "End all sessions", "")}
        {isOff && (
          <span id={help} className="help">
            {why}
          </span>
        )}
      </div>
      <Dialog open={question !== null} title={question?.title ?? ""} onClose={() => ask(null)}>
        {question && (
          <ReasonForm
            verb={question.verb}
            careful={question.careful}
            busy={busy}
            refusal={refusal}
            {...(question.load && { load: question.load })}
            onAct={(reason) => act(() => question.send(reason), question.done)}
            onCancel={() => ask(null)}
          >
            {question.words}
          </ReasonForm>
        )}
      </Dialog>
      {dialog}
    </div>
  );
}
