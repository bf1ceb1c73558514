import type { OperatorAct } from "@/components/admin/operators/operator-forms";
import { nameOfRole } from "@/components/admin/operators/roles";
import { Icon, type IconName } from "@/components/ui/icon";
import { LocalTime } from "@/components/ui/local-time";
import { Menu } from "@/components/ui/menu";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { OperatorRow } from "@/lib/contracts/operators.admin";

const looks: Record<OperatorRow["status"], { icon: IconName; tone: "ok" | "warn" | "off"; word: string }> = {
  active: { icon: "check", tone: "ok", word: "Active" },
  invited: { icon: "clock", tone: "warn", word: "Has not chosen a password" },
  expired: { icon: "alert", tone: "warn", word: "Password has expired" },
  disabled: { icon: "pause", tone: "off", word: "Disabled" },
};

interface TeamTableProps {
  operators: OperatorRow[];
  /** Whose row is the reader's own. */
  ownId: string;
  /** The id of the words that say why nothing can be changed; undefined where it can. */
  barredBy: string | undefined;
  onAct: (act: OperatorAct, operator: OperatorRow) => void;
}

interface RowProps extends Omit<TeamTableProps, "operators"> {
  operator: OperatorRow;
}

function Actions({ operator, ownId, barredBy, onAct }: RowProps) {
  if (barredBy !== undefined) {
    return (
      <button type="button" className="btn btn-small" disabled aria-describedby={barredBy}>
        Change<span className="sr-only"> {operator.name}</span>
      </button>
    );
  }
  const entry = (act: OperatorAct, words: string) => (
    <button type="button" role="menuitem" tabIndex={-1} onClick={() => onAct(act, operator)}>
      {words}
    </button>
  );
  const isOwn = operator.id === ownId;
  return (
    <Menu label={`Change ${operator.name}`} face={<Icon name="more" />} buttonClass="icon-btn !mr-0">
      {entry("role", "Change role")}
      {!isOwn && entry("reset", "Reset password")}
      {operator.sessions > 0 && entry("end", "End sessions")}
      {!isOwn && (operator.status === "disabled" ? entry("enable", "Enable") : entry("disable", "Disable"))}
    </Menu>
  );
}

function Row(props: RowProps) {
  const { operator, ownId } = props;
  const { icon, tone, word } = looks[operator.status];
  return (
    <tr>
      <th scope="row">
        {operator.name}
        {operator.id === ownId && <span className="chip ml-2">You</span>}
        <span className="help block font-normal">{operator.email}</span>
      </th>
      <td data-label="Role">{nameOfRole(operator.role)}</td>
      <td data-label="Status">
        <span className="status" data-tone={tone}>
          <Icon name={icon} size={14} />
          {word}
        </span>
        {operator.status === "invited" && operator.password_expires_at !== null && (
          <span className="help block">
            The one handed over ends <LocalTime iso={operator.password_expires_at} />
          </span>
        )}
      </td>
      <td data-label="Second step">{operator.two_factor ? "Authenticator" : "None"}</td>
      <td data-label="Last sign-in" className="text-ink-2">
        {operator.last_sign_in_at === null ? "never" : <LocalTime iso={operator.last_sign_in_at} />}
      </td>
      <td data-label="Sessions" className="number">
        {operator.sessions}
      </td>
      <td>
        <div className="row-actions">
          <Actions {...props} />
        </div>
      </td>
    </tr>
  );
}

/** Everybody of the team with what can be done about them; on a phone each is a block of its own. */
export function TeamTable({ operators, ...rest }: TeamTableProps) {
  return (
    <ScrollRegion label="Table of operators">
      <table className="table list-table keys-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Status</th>
            <th scope="col">Second step</th>
            <th scope="col">Last sign-in</th>
            <th scope="col" className="number">
              Sessions
            </th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {operators.map((operator) => (
            <Row key={operator.id} operator={operator} {...rest} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
