import "server-only";
import { headers } from "next/headers";
import { cache } from "react";
import type { Account, OutboxMail } from "@/lib/contracts/account";
import { env } from "@/server/core/env";
import { toDomainError } from "@/server/core/errors";
import { findAddress } from "@/server/core/forwarded";
import { listOutbox } from "@/server/core/mail";
import { listProviders } from "@/server/modules/accounts/providers";
import { siteCaller } from "@/server/site/caller";
import { readCustomer } from "@/server/site/session";

/** Who the bar on top speaks of. */
export interface Reader {
  name: string;
  email: string;
}

/** The signed-in customer's account, or null for a visitor; read once a request. */
export const readAccount = cache(async (): Promise<Account | null> => {
  return (await readCustomer()) === null ? null : (await siteCaller()).account.get();
});

/** The account of a page that has asked who is signed in. */
export async function readAccountOf(): Promise<Account> {
  return (await siteCaller()).account.get();
}

/**
 * Whom the bar on top greets. While the database does not answer nobody is known: the page below says what is the matter, and a bar
 * that failed would take that page away too.
 */
export async function readReader(): Promise<Reader | null> {
  try {
    const account = await readAccount();
    return account && { name: account.name, email: account.email };
  } catch (error) {
    if (toDomainError(error).code === "database_unavailable") return null;
    throw error;
  }
}

/** Who else can vouch for a customer here. */
export function readProviders() {
  return listProviders();
}

/** How many keys of the customer work, or could be made to work again. */
export async function countKeys(): Promise<number> {
  const { items } = await (await siteCaller()).keys.list();
  return items.filter(({ status }) => status !== "revoked").length;
}

const LOOPBACK = /^(127(\.\d{1,3}){3}|::1)$/;
const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];

function nameOf(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
}

/**
 * Whether this reader may see the outbox: it is on, and the request comes from this very machine, by its own name. The name matters
 * because a foreign one can be made to lead here (DNS rebinding).
 */
export async function isOutboxOpen(): Promise<boolean> {
  const sent = await headers();
  const fromHere = LOOPBACK.test(findAddress(sent)) && OWN_NAMES.includes(nameOf(sent.get("host") ?? ""));
  return fromHere && env().outbox && !env().mail;
}

const SHOWN_MAILS = 50;

/** The newest mails of the outbox, or null for a reader who may not see it. */
export async function readOutbox(): Promise<OutboxMail[] | null> {
  return (await isOutboxOpen()) ? listOutbox(SHOWN_MAILS) : null;
}
