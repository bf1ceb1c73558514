import Link from "next/link";
import { Card } from "@/components/ui/card";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { TrafficOverview } from "@/lib/contracts/traffic.admin";
import { formatNumber } from "@/lib/format";
import { behind } from "@/lib/overview-view.admin";

/** Who called most. */
export function CustomersTable({ traffic, names }: { traffic: TrafficOverview; names: Record<string, string> }) {
  return (
    <Card title="Customers" aside={<Link href="/admin/customers" className="link" prefetch={false}>All customers</Link>} flush>
      {traffic.customers.length === 0 ? (
        <p className="card-body text-ink-2">No customer called in this span. Visitors have no account, so they are not in this list.</p>
      ) : (
        <ScrollRegion label="Customers by requests">
          <table className="table list-table board-table">
            <thead>
              <tr>
                <th scope="col">Customer</th>
                {["Requests", "Limits hit", "Failed"].map((name) => (
                  <th key={name} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {traffic.customers.map(({ customer_id: id, calls, limited, failed }) => {
                const figures = [
                  { name: "calls", value: calls, more: {} },
                  { name: "limited", value: limited, more: { status: "429" } },
                  { name: "failed", value: failed, more: { status: "5xx" } },
                ];
                return (
                  <tr key={id}>
                    <th scope="row">
                      <Link href={`/admin/customers/${id}`} className="plain-link" prefetch={false}>
                        {names[id] ?? id}
                      </Link>
                    </th>
                    {figures.map(({ name, value, more }) => (
                      <td key={name} className="number">
                        <Link href={behind(traffic, "api", { customer: id, ...more })} className="figure-link" prefetch={false}>
                          {formatNumber(value)}
                        </Link>
                      </td>
                    ))}
                  </tr>
                );
              })}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Card>
  );
}
