"use client";

import { useId, useState } from "react";
import { limitFields, LimitsForm } from "@/components/admin/customers/limits-form";
import { useCustomerAct } from "@/components/admin/customers/use-customer-act";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import type { CustomerDetail, LimitsChange } from "@/lib/contracts/customers.admin";
import { formatNumber } from "@/lib/format";
import { plans } from "@/lib/plans";
import { readRefusal } from "@/lib/refusal";
import { consoleApi } from "@/lib/trpc-client.admin";

function LimitFacts({ customer: { account, agreed } }: { customer: CustomerDetail }) {
  const plan = plans[account.plan];
  return (
    <dl className="fact-list">
      <div>
        <dt>Plan</dt>
        <dd>{plan.title}</dd>
      </div>
      {limitFields.map(({ name, label, of }) => (
        <div key={name}>
          <dt>{label}</dt>
          <dd>
            {formatNumber(account.limits[name])}
            {agreed[name] !== null && <span className="chip chip-glass ml-1.5">own, plan {formatNumber(of(plan))}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface LimitsCardProps {
  customer: CustomerDetail;
  barredRole: string | null;
}

/** The plan, the limits that hold, and which of them were agreed for this customer alone. */
export function LimitsCard({ customer, barredRole }: LimitsCardProps) {
  // The customer as the form began with: what the page reads meanwhile has not been seen by who types.
  const { busy, refusal, dialog, asked, ask, act, told, closeTold } = useCustomerAct<CustomerDetail>();
  const [now, setNow] = useState<CustomerDetail | null>(null);
  const help = useId();
  const { account } = customer;
  const open = () => {
    setNow(null);
    ask(customer);
  };
  const apply = async (change: LimitsChange, reason: string, { account: { id, plan }, agreed }: CustomerDetail) => {
    try {
      await consoleApi.customers.setLimits.mutate({ id, ...change, seen: { plan, agreed }, reason });
    } catch (error) {
      // The refusal tells what is there now: who applies again has seen it.
      if (readRefusal(error).code === "conflict") setNow(await consoleApi.customers.get.query({ id }));
      throw error;
    }
  };
  const isOff = barredRole !== null;
  return (
    <Card
      title="Plan and limits"
      aside={
        <button
          type="button"
          className="btn btn-small"
          disabled={isOff}
          aria-describedby={isOff ? help : undefined}
          onClick={open}
        >
          Change
        </button>
      }
    >
      {told && <Notice tone="ok" title={told} onClose={closeTold} />}
      {isOff && (
        <p id={help} className="help mb-2">
          Changing limits takes the role operator; yours is {barredRole}.
        </p>
      )}
      <LimitFacts customer={customer} />
      <Dialog open={asked !== null} title={`Plan and limits of ${account.name}`} onClose={() => ask(null)} wide>
        {asked && (
          <LimitsForm
            customer={asked}
            busy={busy}
            refusal={refusal}
            onApply={(change, reason) =>
              act(() => apply(change, reason, now ?? asked), "The new limits hold from the next call on, everywhere within three seconds.")
            }
            onCancel={() => ask(null)}
          />
        )}
      </Dialog>
      {dialog}
    </Card>
  );
}
