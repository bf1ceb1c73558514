"use client";

import { useId } from "react";
import { sayRevoke } from "@/components/admin/customers/consequence-words";
import { ReasonForm } from "@/components/admin/customers/reason-form";
import { useCustomerAct } from "@/components/admin/customers/use-customer-act";
import { KeyStatus } from "@/components/keys/key-status";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ApiKey } from "@/lib/contracts/keys";
import { formatNumber } from "@/lib/format";
import { formatAgo, formatExact } from "@/lib/moment";
import { consoleApi } from "@/lib/trpc-client.admin";

interface RowProps {
  apiKey: ApiKey;
  now: number;
  barredBy: string | undefined;
  onRevoke: (apiKey: ApiKey) => void;
}

function Row({ apiKey, now, barredBy, onRevoke }: RowProps) {
  const { id, name, hint, models, last_used_at: used, calls_24h: calls, refused_24h: refused, status } = apiKey;
  return (
    <tr>
      <th scope="row">
        {name}
        <span className="help block font-normal">{models === null ? "All models" : models.join(", ")}</span>
      </th>
      <td data-label="Key">
        <code className="whitespace-nowrap text-ink-2" title={id}>
          {hint}
        </code>
      </td>
      <td data-label="Status">
        <KeyStatus apiKey={apiKey} now={now} />
      </td>
      <td data-label="Last used" className="whitespace-nowrap text-ink-2">
        {used === null ? (
          "never"
        ) : (
          <time dateTime={used} title={formatExact(used)}>
            {formatAgo(used, now)}
          </time>
        )}
      </td>
      <td data-label="Calls in 24 h" className="number">
        {formatNumber(calls)}
      </td>
      <td data-label="Limits hit in 24 h" className="number">
        {formatNumber(refused)}
      </td>
      <td>
        <div className="row-actions">
          {status !== "revoked" && (
            <button
              type="button"
              className="btn btn-small btn-careful"
              aria-label={`Revoke ${name}`}
              disabled={barredBy !== undefined}
              aria-describedby={barredBy}
              onClick={() => onRevoke(apiKey)}
            >
              Revoke
            </button>
          )}
        </div>
      </td>
    </tr>
  );
}

function KeyTable({ keys, ...rest }: Omit<RowProps, "apiKey"> & { keys: readonly ApiKey[] }) {
  return (
    <ScrollRegion label="Keys of this customer">
      <table className="table list-table keys-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Status</th>
            <th scope="col">Last used</th>
            <th scope="col" className="number">
              Calls, 24 h
            </th>
            <th scope="col" className="number">
              Limits hit, 24 h
            </th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((apiKey) => (
            <Row key={apiKey.id} apiKey={apiKey} {...rest} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

interface CustomerKeysProps {
  customerId: string;
  keys: readonly ApiKey[];
  now: number;
  barredRole: string | null;
}

/** A customer's keys, with what each did lately; the secret is known to nobody. */
export function CustomerKeys({ customerId, keys, now, barredRole }: CustomerKeysProps) {
  const { busy, refusal, dialog, asked, ask, act, told, closeTold } = useCustomerAct<ApiKey>();
  const help = useId();
  const send = (key: ApiKey, reason: string) =>
    act(() => consoleApi.customers.revokeKey.mutate({ id: customerId, key: key.id, reason }), `The key “${key.name}” is revoked.`);
  return (
    <Card title="Keys" flush>
      {told && <Notice tone="ok" title={told} onClose={closeTold} />}
      {barredRole !== null && keys.length > 0 && (
        <p id={help} className="help border-b border-line px-4 py-2">
          Revoking takes the role operator; yours is {barredRole}.
        </p>
      )}
      {keys.length === 0 ? (
        <p className="p-4 text-ink-2">No keys. Customers make them at “API keys” on their own pages; nobody else can.</p>
      ) : (
        <KeyTable keys={keys} now={now} barredBy={barredRole === null ? undefined : help} onRevoke={ask} />
      )}
      <Dialog open={asked !== null} title={asked ? `Revoke the key “${asked.name}”?` : ""} onClose={() => ask(null)}>
        {asked && (
          <ReasonForm
            verb="Revoke"
            careful
            busy={busy}
            refusal={refusal}
            load={async () => sayRevoke(await consoleApi.customers.key.query({ id: customerId, key: asked.id }), Date.now())}
            onAct={(reason) => send(asked, reason)}
            onCancel={() => ask(null)}
          >
            The key {asked.hint} stops within seconds, for good: only its owner can make another one.
          </ReasonForm>
        )}
      </Dialog>
      {dialog}
    </Card>
  );
}
