import Link from "next/link";
import { CustomerStatus } from "@/components/admin/customers/customer-status";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { CustomerRow } from "@/lib/contracts/customers.admin";
import { formatNumber } from "@/lib/format";
import { formatAgo, formatExact } from "@/lib/moment";
import { plans } from "@/lib/plans";

const NEAR = 0.8;

function Moment({ at, now }: { at: string | null; now: number }) {
  if (at === null) return <>never</>;
  return (
    <time dateTime={at} title={formatExact(at)}>
      {formatAgo(at, now)}
    </time>
  );
}

/** Rows of the month against the limit, and how near it is in words. */
function Month({ used, limit }: CustomerRow["month"]) {
  if (limit === 0) return <>{formatNumber(used)}</>;
  const share = used / limit;
  const tone = share >= 1 ? "bad" : share >= NEAR ? "warn" : "ok";
  return (
    <span className="month-share" data-tone={tone}>
      {formatNumber(used)} <span className="text-ink-3">of {formatNumber(limit)}</span>
      {share >= NEAR && <b className="month-near">{share >= 1 ? "all used" : `${Math.floor(share * 100)} %`}</b>}
    </span>
  );
}

function Row({ row, now }: { row: CustomerRow; now: number }) {
  return (
    <tr>
      <th scope="row">
        <Link href={`/admin/customers/${row.id}`} className="row-link" prefetch={false}>
          {row.name}
        </Link>
        <span className="help block font-normal">{row.email}</span>
      </th>
      <td data-label="Plan">
        <span>
          {plans[row.plan].title}
          {row.agreed && <span className="chip ml-1.5">own limits</span>}
        </span>
      </td>
      <td data-label="Keys" className="number">
        {formatNumber(row.keys)}
      </td>
      <td data-label="Rows this month" className="number">
        <Month {...row.month} />
      </td>
      <td data-label="Last call" className="whitespace-nowrap text-ink-2">
        <Moment at={row.last_call_at} now={now} />
      </td>
      <td data-label="Last sign-in" className="whitespace-nowrap text-ink-2">
        <Moment at={row.last_sign_in_at} now={now} />
      </td>
      <td data-label="Signed up" className="whitespace-nowrap text-ink-2">
        <Moment at={row.created_at} now={now} />
      </td>
      <td data-label="Status">
        <CustomerStatus status={row.status} />
      </td>
    </tr>
  );
}

/** Customers with what they use; the whole row opens, and on a phone each is a block of its own. */
export function CustomersTable({ rows, now }: { rows: readonly CustomerRow[]; now: number }) {
  return (
    <ScrollRegion label="Customers">
      <table className="table list-table keys-table customers-table">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">Plan</th>
            <th scope="col" className="number">
              Keys
            </th>
            <th scope="col" className="number">
              Rows this month
            </th>
            <th scope="col">Last call</th>
            <th scope="col">Last sign-in</th>
            <th scope="col">Signed up</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} now={now} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
