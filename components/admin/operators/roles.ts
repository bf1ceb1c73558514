import type { Role } from "@/lib/contracts/operators.admin";

/** What each role may do, from the least to the most; each may also do what those before it may. */
export const roles: readonly { role: Role; name: string; may: string }[] = [
  { role: "viewer", name: "Viewer", may: "sees everything, changes nothing" },
  { role: "operator", name: "Operator", may: "runs the models and helps customers" },
  { role: "owner", name: "Owner", may: "also decides who is on the team" },
];

export function nameOfRole(role: Role): string {
  return roles.find((known) => known.role === role)?.name ?? role;
}
