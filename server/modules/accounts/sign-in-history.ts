import "server-only";
import { randomUUID } from "node:crypto";
import type { SignInEntry } from "@/lib/contracts/account";
import { createId } from "@/server/core/ids";
import { log } from "@/server/core/log";
import * as repository from "@/server/modules/accounts/repository";
import type { SignedIn } from "@/server/modules/accounts/sign-in";

const DAY_MS = 86_400_000;
/** How long a sign-in is remembered. */
const KEPT_MS = 90 * DAY_MS;

/** How somebody came, and a salted name of the network they came from. */
type Way = Pick<repository.SignInRecord, "how" | "network">;
type Refused = Way & { outcome: Exclude<repository.SignInRecord["outcome"], "done"> };
type Account = Pick<repository.AccountRecord, "_id" | "sessionVersion">;

function draft({ _id: customerId, sessionVersion }: Account, way: Way) {
  const at = new Date();
  return { _id: createId("signIn", at), customerId, at, sessionVersion, ...way, expiresAt: new Date(at.getTime() + KEPT_MS) };
}

/** Writes down that somebody signed in, and names the session that begins with it. */
export async function noteSignIn(account: Account, way: Way): Promise<SignedIn> {
  const sessionId = randomUUID();
  await repository.insertSignIn({ ...draft(account, way), outcome: "done", sessionId });
  return { customerId: account._id, sessionVersion: account.sessionVersion, sessionId };
}

/** As {@link noteSignIn}, for who was refused. It begins behind the answer: one that took longer would tell that there is an account. */
export function noteRefusedSignIn(account: Account, way: Refused): void {
  const record: repository.SignInRecord = { ...draft(account, way), outcome: way.outcome, sessionId: null };
  setImmediate(() => {
    repository.insertSignIn(record).catch((error: unknown) => {
      log("warn", "sign_in_not_noted", { cause: error instanceof Error ? error.name : "unknown" });
    });
  });
}

function toEntry({ at, how, outcome, network }: repository.SignInRecord): SignInEntry {
  return { at: at.toISOString(), how, outcome, network };
}

/** Who signed in to an account or tried to, newest first, of the last 90 days. @param limit 0: all of them */
export async function listSignIns(customerId: string, limit = 0): Promise<SignInEntry[]> {
  return (await repository.findSignIns(customerId, limit)).map(toEntry);
}
