import "server-only";
import type { Me, OperatorRow } from "@/lib/contracts/operators.admin";
import { consoleCaller } from "@/server/admin/session";

/** Everybody of the team. */
export async function readTeamPage(): Promise<OperatorRow[]> {
  const ask = await consoleCaller();
  return (await ask.team.list({})).items;
}

/** Whoever reads the page. */
export async function readOwnPage(): Promise<Me> {
  const ask = await consoleCaller();
  return ask.me.get({});
}
