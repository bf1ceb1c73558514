import { Card } from "@/components/ui/card";
import { Icon } from "@/components/ui/icon";
import type { EnvironmentReport } from "@/lib/contracts/operations.admin";

function Fact({ name, state, detail }: { name: string; state?: string; detail: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd data-state={state}>{detail}</dd>
    </div>
  );
}

/** What runs and what is configured. Secrets are not in it, only whether there are some. */
export function EnvironmentCard({ environment }: { environment: EnvironmentReport }) {
  const { version, build, node, mode, groups } = environment;
  return (
    <Card title="Environment" flush aside={`Version ${version}`}>
      <dl className="ops-facts">
        <Fact name="Version" detail={version} />
        <Fact name="Build" detail={build ?? "Not said"} state={build === null ? "off" : "on"} />
        <Fact name="Node" detail={node} />
        <Fact name="Mode" detail={mode} />
        {groups.map((group) => (
          <Fact key={group.name} {...group} />
        ))}
      </dl>
    </Card>
  );
}

/** What should be done about this installation. */
export function WarningsCard({ warnings }: { warnings: string[] }) {
  return (
    <Card title="To be looked at" flush aside={warnings.length > 0 && `${warnings.length}`}>
      {warnings.length === 0 ? (
        <p className="alert-calm">
          <span className="text-ok">
            <Icon name="done" />
          </span>
          Nothing about this installation asks for attention.
        </p>
      ) : (
        <ul className="ops-warnings">
          {warnings.map((warning) => (
            <li key={warning}>
              <Icon name="warn" />
              {warning}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
