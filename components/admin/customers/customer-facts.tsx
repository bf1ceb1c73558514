import { LocalTime } from "@/components/ui/local-time";
import { Card } from "@/components/ui/card";
import { CopyButton } from "@/components/ui/copy-button";
import type { CustomerDetail } from "@/lib/contracts/customers.admin";

const providers = { github: "GitHub", google: "Google" } as const;

/** How a customer can sign in, in words. */
function sayWays({ account }: CustomerDetail): string {
  const ways = [...(account.has_password ? ["password"] : []), ...account.identities.map((name) => providers[name])];
  return ways.length === 0 ? "no way yet" : ways.join(", ");
}

/** Who the customer is. */
export function CustomerFacts({ customer }: { customer: CustomerDetail }) {
  const { account, sessions, suspended_at: suspended } = customer;
  return (
    <Card title="Account" aside={<CopyButton label="Copy id" text={account.id} small />}>
      <dl className="fact-list">
        <div>
          <dt>Address</dt>
          <dd>{account.email}</dd>
        </div>
        <div>
          <dt>Id</dt>
          <dd>
            <code>{account.id}</code>
          </dd>
        </div>
        <div>
          <dt>Signed up</dt>
          <dd>
            <LocalTime iso={account.created_at} />
          </dd>
        </div>
        <div>
          <dt>Signs in with</dt>
          <dd>{sayWays(customer)}</dd>
        </div>
        <div>
          <dt>Signed-in pages</dt>
          <dd>{sessions}</dd>
        </div>
        {suspended !== null && (
          <div>
            <dt>Suspended</dt>
            <dd>
              <LocalTime iso={suspended} />
            </dd>
          </div>
        )}
      </dl>
    </Card>
  );
}
