import Link from "next/link";
import { StatusMark } from "@/components/admin/requests/status-mark";
import { Card } from "@/components/ui/card";
import { LocalTime } from "@/components/ui/local-time";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { RequestEntry } from "@/lib/contracts/traffic.admin";
import { formatMilliseconds } from "@/lib/format";
import { requestsHref } from "@/lib/requests-address.admin";

interface CustomerRequestsProps {
  customerId: string;
  items: readonly RequestEntry[];
}

/** The latest calls of a customer: that they were made and how they ended, never what was in them. */
export function CustomerRequests({ customerId, items }: CustomerRequestsProps) {
  const all = (
    <Link href={requestsHref({ customer: customerId })} className="link" prefetch={false}>
      All requests
    </Link>
  );
  return (
    <Card title="Latest requests" aside={all} flush>
      {items.length === 0 ? (
        <p className="p-4 text-ink-2">No calls in the log. It keeps every call of keys and signed-in pages.</p>
      ) : (
        <ScrollRegion label="Latest requests">
          <table className="table list-table">
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">Status</th>
                <th scope="col">Model</th>
                <th scope="col">Reason and place</th>
                <th scope="col" className="number">
                  Took
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ id, at, status, model, code, route, milliseconds }) => (
                <tr key={id}>
                  <td>
                    <Link href={requestsHref({ customer: customerId, open: id })} className="link" prefetch={false}>
                      <LocalTime iso={at} />
                    </Link>
                  </td>
                  <td>
                    <StatusMark status={status} />
                  </td>
                  <td className="whitespace-nowrap">{model ?? <span className="text-ink-3">no model</span>}</td>
                  <td>
                    {code !== null && <span>{code} · </span>}
                    <span className="text-ink-3">{route}</span>
                  </td>
                  <td className="number">{formatMilliseconds(milliseconds)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Card>
  );
}
