"use client";

import { useRouter } from "next/navigation";
import { useId, useState } from "react";
import { OneTimePasswordNotice } from "@/components/admin/operators/one-time-password";
import { AddOperatorForm, type OperatorAct, OperatorQuestionForm, RoleForm } from "@/components/admin/operators/operator-forms";
import { TeamTable } from "@/components/admin/operators/team-table";
import { useConfirmedChange } from "@/components/admin/shell/use-confirmed-change";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";
import type { OneTimePassword, OperatorRow, Role } from "@/lib/contracts/operators.admin";

type Asked = { act: "add" } | { act: OperatorAct; operator: OperatorRow };

function titleOf(asked: Asked | null): string {
  if (!asked || asked.act === "add") return "Add an operator";
  const { name } = asked.operator;
  const titles: Record<OperatorAct, string> = {
    role: `Role of ${name}`,
    disable: `Disable ${name}?`,
    enable: `Enable ${name}?`,
    reset: `Reset the password of ${name}?`,
    end: `End the sessions of ${name}?`,
  };
  return titles[asked.act];
}

/** What the dialogs of the team do, and what came of them. */
function useTeam() {
  const router = useRouter();
  const change = useConfirmedChange();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [given, setGiven] = useState<OneTimePassword | null>(null);
  const [told, setTold] = useState<string | null>(null);
  const ask = (next: Asked | null) => {
    change.forget();
    setAsked(next);
  };
  const ended = (words: string | null, password: OneTimePassword | null) => {
    ask(null);
    setTold(words);
    setGiven(password);
    router.refresh();
  };
  return { change, asked, ask, given, told, ended, closeNotices: () => (setTold(null), setGiven(null)) };
}

function Question({ asked, team }: { asked: Asked; team: ReturnType<typeof useTeam> }) {
  const { change, ask, ended } = team;
  const cancel = () => ask(null);
  if (asked.act === "add") return <AddOperatorForm change={change} onCancel={cancel} onAdded={(password) => ended(null, password)} />;
  const shared = { operator: asked.operator, change, onCancel: cancel, onTold: (words: string) => ended(words, null) };
  if (asked.act === "role") return <RoleForm {...shared} />;
  return <OperatorQuestionForm {...shared} act={asked.act} onGiven={(password) => ended(null, password)} />;
}

interface TeamPanelProps {
  operators: OperatorRow[];
  own: { id: string; role: Role };
}

/** The team, and for owners everything that can be done about it. */
export function TeamPanel({ operators, own }: TeamPanelProps) {
  const team = useTeam();
  const { change, asked, ask, given, told, closeNotices } = team;
  const barred = useId();
  const mayChange = own.role === "owner";
  return (
    <>
      {told && <Notice tone="ok" title={told} onClose={closeNotices} />}
      {given && <OneTimePasswordNotice given={given} onClose={closeNotices} />}
      <Card
        title="Operators"
        flush
        aside={
          <button
            type="button"
            className="btn btn-small"
            disabled={!mayChange}
            aria-describedby={mayChange ? undefined : barred}
            onClick={() => ask({ act: "add" })}
          >
            <Icon name="plus" size={14} />
            Add operator
          </button>
        }
      >
        {!mayChange && (
          <p id={barred} className="help border-b border-line px-4 py-2">
            Only owners change the team; your role is {own.role}.
          </p>
        )}
        <TeamTable
          operators={operators}
          ownId={own.id}
          barredBy={mayChange ? undefined : barred}
          onAct={(act, operator) => ask({ act, operator })}
        />
      </Card>
      <Dialog open={asked !== null} title={titleOf(asked)} onClose={() => ask(null)}>
        {asked && <Question asked={asked} team={team} />}
      </Dialog>
      {change.dialog}
    </>
  );
}
