import type { Metadata } from "next";
import { CustomerActs } from "@/components/admin/customers/customer-acts";
import { CustomerAudit } from "@/components/admin/customers/customer-audit";
import { CustomerFacts } from "@/components/admin/customers/customer-facts";
import { CustomerKeys } from "@/components/admin/customers/customer-keys";
import { CustomerRequests } from "@/components/admin/customers/customer-requests";
import { CustomerStatus } from "@/components/admin/customers/customer-status";
import { CustomerUsage } from "@/components/admin/customers/customer-usage";
import { LimitsCard } from "@/components/admin/customers/limits-card";
import { NotesCard } from "@/components/admin/customers/notes-card";
import { SignInList } from "@/components/admin/customers/sign-in-list";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { readCustomerPage } from "@/server/admin/customers-page";

export const metadata: Metadata = { title: "Customer" };

interface CustomerPageProps {
  params: Promise<{ id: string }>;
}

const crumbs = [{ href: "/admin/customers", title: "Customers" }] as const;

export default async function CustomerPage({ params }: CustomerPageProps) {
  const { id } = await params;
  const { customer, chart, requests, entries, barredRole, now } = await readCustomerPage(id);
  const { account, keys, usage, sign_ins: signIns, notes } = customer;
  return (
    <ConsolePage title={account.name} crumbs={crumbs} actions={<CustomerStatus status={customer.status} />}>
      <CustomerActs customer={customer} barredRole={barredRole} />
      <div className="customer-grid">
        <div className="customer-column">
          <CustomerUsage summary={usage} chart={chart} now={now} />
          <CustomerKeys customerId={account.id} keys={keys} now={now} barredRole={barredRole} />
          <CustomerRequests customerId={account.id} items={requests} />
          <SignInList entries={signIns} />
        </div>
        <div className="customer-column">
          <CustomerFacts customer={customer} />
          <LimitsCard customer={customer} barredRole={barredRole} />
          <NotesCard customerId={account.id} notes={notes} barredRole={barredRole} />
          <CustomerAudit customerId={account.id} entries={entries} />
        </div>
      </div>
    </ConsolePage>
  );
}
