import { Icon } from "@/components/ui/icon";
import type { ConsoleVersion } from "@/lib/contracts/releases.admin";

export type Change = NonNullable<ConsoleVersion["changes"]>[number];

/** `#/inputs/contract/categories/Two%20year` as people read it: `Input contract, category Two year`. */
function sayPlace(pointer: string): string {
  const [side = "", name = "", ...rest] = pointer
    .slice(2)
    .split("/")
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  const value = rest[0] === "categories" ? `, category ${rest[1] ?? ""}` : rest[0] === "classes" ? `, class ${rest[1] ?? ""}` : "";
  return `${side === "inputs" ? "Input" : "Output"} ${name}${value}`;
}

/** What changes for customers, breaking changes first. */
export function ChangesList({ changes }: { changes: readonly Change[] }) {
  const ordered = [...changes].sort((one, other) => Number(other.breaking) - Number(one.breaking));
  return (
    <ul className="change-list">
      {ordered.map(({ pointer, words, breaking }) => (
        <li key={`${pointer} ${words}`} data-breaking={breaking}>
          <Icon name={breaking ? "alert" : "info"} size={14} />
          <span className="min-w-0">
            <b className="font-[550]">{sayPlace(pointer)}</b> {words} {breaking && <span className="text-bad">Breaks calls.</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
