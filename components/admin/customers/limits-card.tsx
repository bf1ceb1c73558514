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

interface AskedProps {
  /** As the form began with: what the page reads meanwhile has not been seen by who types. */
  customer: CustomerDetail;
  change: ReturnType<typeof useCustomerAct<CustomerDetail>>;
}

function AskedLimits({ customer, change: { busy, refusal, act, ask } }: AskedProps) {
  const [seen, setSeen] = useState(customer);
  const { id } = customer.account;
  const apply = async (change: LimitsChange, reason: string) => {
    const { account, agreed } = seen;
    try {
      await consoleApi.customers.setLimits.mutate({ id, ...change, seen: { plan: account.plan, agreed }, reason });
    } catch (error) {
      // The refusal tells what is there now: who applies again has seen it.
      if (readRefusal(error).code === "conflict") setSeen(await consoleApi.customers.get.query({ id }));
      throw error;
    }
  };
  return (
    <LimitsForm
      customer={customer}
      busy={busy}
      refusal={refusal}
      onApply={(change, reason) =>
        act(() => apply(change, reason), "The new limits hold from the next call on, everywhere within three seconds.")
      }
      onCancel={() => ask(null)}
    />
  );
}

/** The plan, the limits that hold, and which of them were agreed for this customer alone. */
export function LimitsCard({ customer, barredRole }: LimitsCardProps) {
  const change = useCustomerAct<CustomerDetail>();
  const { dialog, asked, ask, told, closeTold } = change;
  const help = useId();
  const { account } = customer;
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
          onClick={() => ask(customer)}
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
        {asked && <AskedLimits customer={asked} change={change} />}
      </Dialog>
      {dialog}
    </Card>
  );
}
