import { KeyStatus } from "@/components/keys/key-status";
import { Icon } from "@/components/ui/icon";
import { Menu } from "@/components/ui/menu";
import { ScrollRegion } from "@/components/ui/scroll-region";
import type { ApiKey } from "@/lib/contracts/keys";
import { formatDay, formatNumber } from "@/lib/format";
import { formatAgo, formatExact } from "@/lib/moment";

export type KeyAction = "rename" | "switch" | "rotate" | "revoke";

interface KeysTableProps {
  label: string;
  keys: ApiKey[];
  /** Model names by slug. */
  names: Map<string, string>;
  now: number;
  /** Absent for keys that nothing can be done with. */
  onAct?: (action: KeyAction, key: ApiKey) => void;
}

function sayModels({ models }: ApiKey, names: Map<string, string>): string {
  return models === null ? "All models" : models.map((slug) => names.get(slug) ?? slug).join(", ");
}

function KeyActions({ apiKey, onAct }: { apiKey: ApiKey; onAct: (action: KeyAction, key: ApiKey) => void }) {
  const entry = (action: KeyAction, words: string) => (
    <button type="button" role="menuitem" tabIndex={-1} onClick={() => onAct(action, apiKey)}>
      {words}
    </button>
  );
  return (
    <div className="row-actions">
      <button
        type="button"
        className="btn btn-small btn-careful"
        onClick={() => onAct("revoke", apiKey)}
        aria-label={`Revoke ${apiKey.name}`}
      >
        Revoke
      </button>
      <Menu label={`More for ${apiKey.name}`} face={<Icon name="more" />} buttonClass="icon-btn !mr-0">
        {entry("rename", "Rename")}
        {apiKey.status !== "ending" && entry("switch", apiKey.status === "disabled" ? "Switch on" : "Switch off")}
        {apiKey.status === "active" && entry("rotate", "Rotate")}
      </Menu>
    </div>
  );
}

function KeyRow({ apiKey, names, now, onAct }: Omit<KeysTableProps, "label" | "keys"> & { apiKey: ApiKey }) {
  const { name, hint, created_at: created, last_used_at: used, calls_24h: calls, refused_24h: refused } = apiKey;
  return (
    <tr>
      <th scope="row">
        {name}
        <span className="help block font-normal">{sayModels(apiKey, names)}</span>
      </th>
      <td data-label="Key">
        <code className="whitespace-nowrap text-ink-2">{hint}</code>
      </td>
      <td data-label="Status">
        <KeyStatus apiKey={apiKey} now={now} />
      </td>
      <td data-label="Created" className="whitespace-nowrap text-ink-2">
        <time dateTime={created} title={formatExact(created)}>
          {formatDay(created)}
        </time>
      </td>
      <td data-label="Last used" className="whitespace-nowrap text-ink-2">
        {used === null ? (
          "never"
        ) : (
          <time dateTime={used} title={formatExact(used)}>
            {formatAgo(used, now)}
          </time>
        )}
      </td>
      <td data-label="Calls in 24 h" className="number">
        {formatNumber(calls)}
      </td>
      <td data-label="Refused in 24 h" className="number">
        {formatNumber(refused)}
      </td>
      {onAct && (
        <td>
          <KeyActions apiKey={apiKey} onAct={onAct} />
        </td>
      )}
    </tr>
  );
}

/** Keys with what they may do and what they did; on a phone each is a block of its own. */
export function KeysTable({ label, keys, names, now, onAct }: KeysTableProps) {
  return (
    <ScrollRegion label={label}>
      <table className="table list-table keys-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Status</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col" className="number">
              Calls, 24 h
            </th>
            <th scope="col" className="number">
              Refused
            </th>
            {onAct && (
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.id} apiKey={key} names={names} now={now} {...(onAct && { onAct })} />
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
