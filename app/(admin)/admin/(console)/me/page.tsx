import type { Metadata } from "next";
import { OwnNameForm } from "@/components/admin/operators/own-name-form";
import { OwnPasswordCard } from "@/components/admin/operators/own-password-card";
import { nameOfRole } from "@/components/admin/operators/roles";
import { TwoFactorCard } from "@/components/admin/operators/two-factor-card";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Card } from "@/components/ui/card";
import { LocalTime } from "@/components/ui/local-time";
import { requireOperator } from "@/server/admin/session";
import { readOwnPage } from "@/server/admin/team-page";

export const metadata: Metadata = { title: "Your sign-in" };

export default async function OwnPage() {
  await requireOperator("/admin/me");
  const me = await readOwnPage();
  return (
    <ConsolePage title="Your sign-in">
      <div className="own-grid">
        <Card title="You">
          <OwnNameForm name={me.name} />
          <dl className="fact-list mt-4 border-t border-line pt-3.5">
            <div>
              <dt>Email</dt>
              <dd>{me.email}</dd>
            </div>
            <div>
              <dt>Role</dt>
              <dd>{nameOfRole(me.role)}</dd>
            </div>
          </dl>
        </Card>
        <Card title="This session">
          <dl className="fact-list">
            <div>
              <dt>Signed in</dt>
              <dd>
                <LocalTime iso={me.session.started_at} />
              </dd>
            </div>
            <div>
              <dt>Ends at the latest</dt>
              <dd>
                <LocalTime iso={me.session.ends_at} />
              </dd>
            </div>
            <div>
              <dt>Ends without use</dt>
              <dd>after {me.session.idle_minutes} minutes</dd>
            </div>
          </dl>
        </Card>
        <OwnPasswordCard />
        <TwoFactorCard on={me.two_factor} recoveryCodesLeft={me.recovery_codes_left} />
      </div>
    </ConsolePage>
  );
}
