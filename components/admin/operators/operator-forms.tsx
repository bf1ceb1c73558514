"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { readRole, RoleField } from "@/components/admin/operators/role-field";
import { nameOfRole } from "@/components/admin/operators/roles";
import type { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";
import { Notice } from "@/components/ui/notice";
import { SubmitButton } from "@/components/ui/submit-button";
import { TextField } from "@/components/ui/text-field";
import { readText } from "@/components/ui/use-form";
import type { OneTimePassword, OperatorRow } from "@/lib/contracts/operators.admin";
import { type Refusal, toSentence } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

export type OperatorAct = "role" | "disable" | "enable" | "reset" | "end";
type Change = ReturnType<typeof useConfirmedChange>;

interface FrameProps {
  verb: string;
  look?: "main" | "careful";
  change: Change;
  onCancel: () => void;
  onSubmit: (values: FormData) => void;
  children: ReactNode;
}

/** What cannot be told under a field of this form. */
function tellAbove(refusal: Refusal | null, fields: readonly string[]): string | null {
  if (!refusal || fields.some((name) => refusal.fields[name])) return null;
  const [fault] = Object.entries(refusal.fields);
  return fault ? `${refusal.message} ${toSentence("This", fault[1])}` : refusal.message;
}

function Frame({ verb, look = "main", change, onCancel, onSubmit, children }: FrameProps) {
  const above = tellAbove(change.refusal, ["name", "email"]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  };
  return (
    <form className="grid gap-4" onSubmit={submit} noValidate>
      {above && <Notice tone="bad">{above}</Notice>}
      {children}
      <div className="dialog-actions !mt-1">
        <button type="button" className="btn" onClick={onCancel}>
          Cancel
        </button>
        <SubmitButton busy={change.busy} look={look}>
          {verb}
        </SubmitButton>
      </div>
    </form>
  );
}

interface AddOperatorFormProps {
  change: Change;
  onCancel: () => void;
  onAdded: (given: OneTimePassword) => void;
}

/** Asks who is new on the team, and adds them. */
export function AddOperatorForm({ change, onCancel, onAdded }: AddOperatorFormProps) {
  const [wrong, setWrong] = useState<{ name?: string; email?: string }>({});
  const submit = (values: FormData) => {
    const [name, email] = [readText(values, "name").trim(), readText(values, "email").trim()];
    const missing = { ...(name === "" && { name: "is missing" }), ...(email === "" && { email: "is missing" }) };
    setWrong(missing);
    if (Object.keys(missing).length > 0) return;
    void change.run(() => consoleApi.team.add.mutate({ name, email, role: readRole(values) }), onAdded);
  };
  const faultOf = (field: "name" | "email", label: string) => {
    const fault = wrong[field] ?? change.refusal?.fields[field];
    return fault && toSentence(label, fault);
  };
  return (
    <Frame verb="Add operator" change={change} onCancel={onCancel} onSubmit={submit}>
      <TextField label="Name" name="name" scope="add" maxLength={80} autoComplete="off" error={faultOf("name", "Name")} />
      <TextField label="Email" name="email" scope="add" type="email" autoComplete="off" error={faultOf("email", "Email")} />
      <RoleField chosen="viewer" />
      <p className="help">You get a password to hand over. It has to be changed at the first sign-in, and works for 7 days.</p>
    </Frame>
  );
}

interface OperatorFormProps {
  operator: OperatorRow;
  change: Change;
  onCancel: () => void;
  onTold: (words: string) => void;
}

/** Another role for somebody. */
export function RoleForm({ operator, change, onCancel, onTold }: OperatorFormProps) {
  const submit = (values: FormData) => {
    const role = readRole(values);
    const told = `${operator.name} is ${nameOfRole(role).toLowerCase()} from now on.`;
    void change.run(() => consoleApi.team.change.mutate({ id: operator.id, role, seen_role: operator.role }), () => onTold(told));
  };
  return (
    <Frame verb="Change role" change={change} onCancel={onCancel} onSubmit={submit}>
      <RoleField chosen={operator.role} />
      <p className="help">{saySessions(operator)}</p>
    </Frame>
  );
}

/** How many sessions an act ends. */
function saySessions({ name, sessions }: OperatorRow): string {
  if (sessions === 0) return `${name} is not signed in at the moment.`;
  return `${sessions === 1 ? "One session" : `${sessions} sessions`} of ${name} ${sessions === 1 ? "ends" : "end"} at once.`;
}

interface Question {
  verb: string;
  look: "main" | "careful";
  text: string;
  told: string;
}

function questionOf(act: Exclude<OperatorAct, "role">, { name }: OperatorRow): Question {
  const questions: Record<typeof act, Question> = {
    disable: {
      verb: "Disable",
      look: "careful",
      text: "They cannot sign in until somebody enables them again. What they did stays in the audit.",
      told: `${name} is disabled.`,
    },
    enable: { verb: "Enable", look: "main", text: "They can sign in again with the password they had.", told: `${name} can sign in again.` },
    reset: {
      verb: "Reset",
      look: "careful",
      text: "Their password and their authenticator stop working. You get a password to hand over that works for 7 days and has to be changed at the next sign-in.",
      told: "",
    },
    end: { verb: "End sessions", look: "careful", text: "They can sign in again at once.", told: `The sessions of ${name} have ended.` },
  };
  return questions[act];
}

interface QuestionFormProps extends OperatorFormProps {
  act: Exclude<OperatorAct, "role">;
  onGiven: (given: OneTimePassword) => void;
}

/** Asks once more before an act, and names what it ends. */
export function OperatorQuestionForm({ act, operator, change, onCancel, onTold, onGiven }: QuestionFormProps) {
  const { verb, look, text, told } = questionOf(act, operator);
  const { id } = operator;
  const submit = () => {
    if (act === "reset") return void change.run(() => consoleApi.team.reset.mutate({ id }), onGiven);
    const work = async () => {
      if (act === "end") await consoleApi.team.endSessions.mutate({ id });
      else await consoleApi.team.change.mutate({ id, enabled: act === "enable" });
    };
    void change.run(work, () => onTold(told));
  };
  return (
    <Frame verb={verb} look={look} change={change} onCancel={onCancel} onSubmit={submit}>
      {act !== "enable" && <p>{saySessions(operator)}</p>}
      <p className="text-ink-2">{text}</p>
    </Frame>
  );
}
