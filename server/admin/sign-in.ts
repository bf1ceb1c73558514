import "server-only";
import { redirect } from "next/navigation";
import { assertAllowedReader, readSession, requireOperator } from "@/server/admin/session";
import { pingDatabase } from "@/server/core/db";
import { within } from "@/server/core/within";
import { listModels } from "@/server/modules/catalog/service";

const PATIENCE_MS = 2_000;

/** How one part of the service does, in a word or two. */
export interface ServiceFact {
  name: string;
  words: string;
  good: boolean;
}

export interface SignInPage {
  facts: ServiceFact[];
  at: string;
}

async function answers(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await within(PATIENCE_MS, work());
    return true;
  } catch {
    return false;
  }
}

/** What somebody sees who is about to sign in; whoever is signed in goes on. */
export async function readSignInPage(): Promise<SignInPage> {
  await assertAllowedReader();
  const database = await answers(pingDatabase);
  if (database && (await readSession())) redirect("/admin");
  const catalog = database && (await answers(() => listModels({ limit: 1 })));
  const describe = (name: string, good: boolean): ServiceFact => ({ name, good, words: good ? "works" : "does not answer" });
  return { facts: [describe("Customer site", catalog), describe("Database", database)], at: new Date().toISOString() };
}

/** Who has to choose a password before anything else. */
export async function readPasswordPage(): Promise<{ email: string; must: boolean }> {
  const { operator, mustChangePassword } = await requireOperator("/admin/password");
  return { email: operator.email, must: mustChangePassword };
}
