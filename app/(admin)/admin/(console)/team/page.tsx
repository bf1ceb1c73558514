import type { Metadata } from "next";
import { TeamPanel } from "@/components/admin/operators/team-panel";
import { roles } from "@/components/admin/operators/roles";
import { ConsolePage } from "@/components/admin/shell/console-page";
import { Card } from "@/components/ui/card";
import { requireOperator } from "@/server/admin/session";
import { readTeamPage } from "@/server/admin/team-page";

export const metadata: Metadata = { title: "Team" };

export default async function TeamPage() {
  const { operator } = await requireOperator("/admin/team");
  const operators = await readTeamPage();
  return (
    <ConsolePage title="Team">
      <TeamPanel operators={operators} own={{ id: operator.id, role: operator.role }} />
      <Card title="What each role may do">
        <dl className="role-list">
          {roles.map(({ role, name, may }) => (
            <div key={role}>
              <dt>{name}</dt>
              <dd>{may}</dd>
            </div>
          ))}
        </dl>
      </Card>
    </ConsolePage>
  );
}
