import "server-only";
import type { OutboxMail } from "@/lib/contracts/account";
import { database } from "@/server/core/db";
import { env } from "@/server/core/env";
import { DomainError } from "@/server/core/errors";
import { createId } from "@/server/core/ids";
import { log } from "@/server/core/log";
import { Outside, OutsideAway } from "@/server/core/outside";

/** How long one attempt may take, from the first packet to the server's word that it has the mail. */
const ATTEMPT_MS = 4_000;
const ATTEMPTS = 2;
/** How long a mail server that does not answer is not asked again. */
const OPEN_MS = 15_000;
const OUTBOX_SECONDS = 7 * 24 * 60 * 60;

export interface Mail {
  to: string;
  subject: string;
  /** Plain text. */
  text: string;
}

interface StoredMail extends Mail {
  _id: string;
  createdAt: Date;
}

async function outbox() {
  const connection = await database();
  if (!connection.db) throw new Error("The connection has no database.");
  return connection.db.collection<StoredMail>("outbox");
}

let indexed: Promise<unknown> | undefined;

async function keepInOutbox(mail: Mail): Promise<void> {
  const collection = await outbox();
  indexed ??= collection.createIndex({ createdAt: 1 }, { expireAfterSeconds: OUTBOX_SECONDS }).catch(() => {
    indexed = undefined;
  });
  await collection.insertOne({ _id: createId("mail"), to: mail.to, subject: mail.subject, text: mail.text, createdAt: new Date() });
}

interface MailServer {
  smtpUrl: string;
  from: string;
}

/** Hands a mail in at the server. */
async function handIn(server: MailServer, mail: Mail, patienceMs: number, signal: AbortSignal): Promise<void> {
  const patience = { connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs };
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({ url: server.smtpUrl, ...patience });
  signal.addEventListener("abort", () => transport.close(), { once: true });
  await transport.sendMail({ from: server.from, to: { name: "", address: mail.to }, subject: mail.subject, text: mail.text });
}

/** A refusal for good (RFC 5321 section 4.2.1: 5yz) says the same the second time. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && "responseCode" in error && typeof error.responseCode === "number" && error.responseCode >= 500;
}

/** What a log may know of a failure: the server's words may hold the address. */
function describeFailure(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";
}

const isUnwell = (error: unknown) => !isPermanent(error);
const mailServer = new Outside("mail", { attemptMs: ATTEMPT_MS, attempts: ATTEMPTS, openMs: OPEN_MS, isUnwell });

async function sendBySmtp(server: MailServer, mail: Mail, patienceMs: number): Promise<void> {
  try {
    await mailServer.call(async (signal) => {
      try {
        await handIn(server, mail, patienceMs, signal);
      } catch (error) {
        log("warn", "mail_not_sent", { cause: describeFailure(error) });
        throw error;
      }
    }, { attemptMs: patienceMs });
  } catch (error) {
    const wait = error instanceof OutsideAway ? { retryAfterSeconds: error.retryAfterSeconds } : {};
    throw new DomainError("mail_unavailable", "The mail could not be sent.", wait);
  }
}

/** Whether mail can be sent, or at least kept. */
export function isMailConfigured(): boolean {
  return env().mail !== null || env().outbox;
}

/** @throws {DomainError} `mail_unavailable`, where mail can neither be sent nor kept: said before any work is done for it */
export function assertMailConfigured(): void {
  if (isMailConfigured()) return;
  throw new DomainError("mail_unavailable", "Mail is not configured on this server: its operator sets `SMTP_URL` and `MAIL_FROM`.");
}

/**
 * Sends a mail where a mail server is configured, else keeps it in the outbox where that is asked for.
 * @param patienceMs how long one of the two attempts may take
 * @throws {DomainError} `mail_unavailable`
 */
export async function sendMail(mail: Mail, patienceMs = ATTEMPT_MS): Promise<void> {
  assertMailConfigured();
  const server = env().mail;
  if (server) await sendBySmtp(server, mail, patienceMs);
  else await keepInOutbox(mail);
}

/** The newest mails of the outbox, newest first; empty where mail goes to a server. */
export async function listOutbox(limit: number): Promise<OutboxMail[]> {
  if (env().mail || !env().outbox) return [];
  const mails = await (await outbox()).find().sort({ _id: -1 }).limit(limit).toArray();
  return mails.map(({ _id, to, subject, text, createdAt }) => ({ id: _id, to, subject, text, created_at: createdAt.toISOString() }));
}

/** Removes the outbox's mails to an address, in whatever case it was written, that were kept until then. */
export async function forgetMails(address: string, until: Date): Promise<void> {
  const exactly = new RegExp(`^${address.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}$`, "i");
  await (await outbox()).deleteMany({ to: exactly, createdAt: { $lte: until } });
}
