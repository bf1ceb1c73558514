import "server-only";
import { env } from "@/server/core/env";
import { log } from "@/server/core/log";
import { isMailConfigured, sendMail } from "@/server/core/mail";
import * as repository from "@/server/modules/alerts/repository";
import { writeClosed, writeOpened } from "@/server/modules/alerts/words";

/** One attempt to hand a mail in, of two. */
const PATIENCE_MS = 4_000;
/** Longer than both attempts take: whoever took a mail and died gives it free after that. */
const TAKEN_MS = 60_000;
/** Who was not told by then is told by the console alone. */
const USEFUL_MS = 60 * 60 * 1000;
const AT_ONCE = 100;
/** A round ends in time for the next one. */
const ROUND_MS = 20_000;

function draft(
  alert: repository.AlertRecord,
  event: "opened" | "closed",
  to: readonly string[],
  letter: { subject: string; text: string },
): repository.AlertMailRecord[] {
  if (!isMailConfigured()) return [];
  const now = new Date();
  return [...new Set(to)].map((address) => ({
    _id: `${alert._id}:${event}:${address}`,
    alertId: alert._id,
    event,
    to: address,
    ...letter,
    dueAt: now,
    attempts: 0,
    sentAt: null,
    createdAt: now,
  }));
}

/** The mails that tell of an alert that opens; none where mail cannot be sent. */
export function draftOpened(alert: repository.AlertRecord, to: readonly string[]): repository.AlertMailRecord[] {
  return draft(alert, "opened", to, writeOpened(alert, env().publicUrl));
}

/** The mails that tell of its end, to those who were told of its beginning. */
export async function draftClosed(alert: repository.AlertRecord, closedAt: Date): Promise<repository.AlertMailRecord[]> {
  const told = await repository.findMailsOf([alert._id]);
  return draft(alert, "closed", told.map(({ to }) => to), writeClosed(alert, closedAt, env().publicUrl));
}

/** @returns whether it was sent */
async function deliver(mail: repository.AlertMailRecord): Promise<boolean> {
  try {
    await sendMail({ to: mail.to, subject: mail.subject, text: mail.text }, PATIENCE_MS);
  } catch (error) {
    const cause = error instanceof Error ? error.name : "unknown";
    log("warn", "alert_not_mailed", { alert: mail.alertId, attempt: mail.attempts + 1, cause });
    await repository.changeMail(mail._id, { dueAt: new Date() });
    return false;
  }
  await repository.changeMail(mail._id, { sentAt: new Date() });
  return true;
}

/**
 * Sends what waits to be told. Each mail is taken before it is sent, so that two processes at the same time do not send it twice; it is
 * sent a second time only where a process died between the mail server's word and writing it down. What fails waits for the next round,
 * for an hour.
 */
export async function deliverMails(): Promise<{ sent: number; failed: number }> {
  const started = Date.now();
  const count = { sent: 0, failed: 0 };
  for (const mail of await repository.findDueMails(new Date(started), new Date(started - USEFUL_MS), AT_ONCE)) {
    if (Date.now() - started > ROUND_MS) break;
    if (!(await repository.takeMail(mail, new Date(Date.now() + TAKEN_MS)))) continue;
    count[(await deliver(mail)) ? "sent" : "failed"] += 1;
  }
  return count;
}

/** Of those who were to be told that an alert opened: how many were, and how many still wait. */
export function countTold(mails: readonly repository.AlertMailRecord[], alertId: string): { mailed: number; mail_waiting: number } {
  const opened = mails.filter((mail) => mail.alertId === alertId && mail.event === "opened");
  const useful = Date.now() - USEFUL_MS;
  return {
    mailed: opened.filter(({ sentAt }) => sentAt !== null).length,
    mail_waiting: opened.filter(({ sentAt, createdAt }) => sentAt === null && createdAt.getTime() > useful).length,
  };
}
