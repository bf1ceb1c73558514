import type { Metadata } from "next";
import Link from "next/link";
import { DeleteAccount } from "@/components/accounts/delete-account";
import { PasswordForm } from "@/components/accounts/password-form";
import { ProfileForm } from "@/components/accounts/profile-form";
import { Setting } from "@/components/accounts/setting";
import { SignOutEverywhere } from "@/components/accounts/sign-out-everywhere";
import { AccountFrame } from "@/components/shell/account-frame";
import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import { type Account, MIN_PASSWORD_LENGTH } from "@/lib/contracts/account";
import { formatDay, formatNumber } from "@/lib/format";
import { plans } from "@/lib/plans";
import { countKeys, readAccountOf } from "@/server/site/accounts";
import { assertSitePage } from "@/server/site/served";
import { requireCustomer } from "@/server/site/session";

export const metadata: Metadata = { title: "Account", description: "Your name, plan, password and data." };

const providerTitles = { github: "GitHub", google: "Google" } as const;

function Plan({ plan, limits }: Account) {
  const tiles = [
    ["Rows a month", formatNumber(limits.rows_per_month), "starts again on the first, UTC"],
    ["Rows a minute", formatNumber(limits.rows_per_minute), "many rows in one call count as many"],
    ["Rows in one call", formatNumber(limits.rows_per_call), "sent as inputs"],
    ["History", `${formatNumber(limits.retention_days)} days`, "then predictions are removed"],
  ] as const;
  const aside = (
    <Link href="/usage" className="link" prefetch={false}>
      What you used
    </Link>
  );
  return (
    <Card title={`Plan: ${plans[plan].title}`} aside={aside} flush>
      <dl className="plan-tiles">
        {tiles.map(([term, figure, note]) => (
          <div key={term}>
            <dt className="help">{term}</dt>
            <dd className="tile-figure">{figure}</dd>
            <dd className="help">{note}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function About({ email, identities, has_password, created_at }: Account) {
  const ways = [...(has_password ? ["Password"] : []), ...identities.map((identity) => providerTitles[identity])];
  const facts = [
    ["Email", email],
    ["Signs in with", ways.join(", ")],
    ["Customer since", formatDay(created_at)],
  ] as const;
  return (
    <dl className="grid gap-2.5">
      {facts.map(([term, words]) => (
        <div key={term}>
          <dt className="help">{term}</dt>
          <dd className="font-[550] text-ink">{words}</dd>
        </div>
      ))}
    </dl>
  );
}

export default async function AccountPage() {
  assertSitePage();
  await requireCustomer("/account");
  const [account, keys] = await Promise.all([readAccountOf(), countKeys()]);
  const { email, has_password } = account;
  return (
    <AccountFrame title="Account">
      <Setting title="Profile" about={<About {...account} />}>
        <ProfileForm name={account.name} />
      </Setting>
      <Plan {...account} />
      <Setting title="Password" about="Changing it ends every session, this one too. Keys go on working.">
        <PasswordForm email={email} hasPassword={has_password} minLength={MIN_PASSWORD_LENGTH} />
      </Setting>
      <Setting title="Sessions" about="For a computer you no longer have. Ends every session, this one too; keys go on working.">
        <SignOutEverywhere />
      </Setting>
      <Setting title="Your data" about="Your profile, keys (without their secrets), predictions and usage in one JSON file.">
        <a href="/api/account/export" className="btn" download>
          <Icon name="download" />
          Export all of it
        </a>
      </Setting>
      <Setting title="Delete the account" about="Removes all that is yours and revokes your keys. There is no way back, so export first.">
        <DeleteAccount email={email} hasPassword={has_password} keys={keys} />
      </Setting>
    </AccountFrame>
  );
}
