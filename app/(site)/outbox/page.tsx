import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { MailText } from "@/components/accounts/mail-text";
import { LocalTime } from "@/components/ui/local-time";
import type { OutboxMail } from "@/lib/contracts/account";
import { readOutbox } from "@/server/site/accounts";
import { assertSitePage } from "@/server/site/served";

/** The links in the mails are secrets: no search engine keeps them and no request carries this address on. */
export const metadata: Metadata = { title: "Outbox", referrer: "no-referrer", robots: { index: false, follow: false } };

function Mail({ id, to, subject, text, created_at }: OutboxMail) {
  return (
    <li>
      <article className="card" aria-labelledby={id}>
        <header className="card-head">
          <h2 id={id}>{subject}</h2>
          <p className="help tabular">
            to <b className="font-[550] text-ink-2">{to}</b>, <LocalTime iso={created_at} />
          </p>
        </header>
        <div className="card-body">
          <MailText text={text} />
        </div>
      </article>
    </li>
  );
}

export default async function OutboxPage() {
  assertSitePage();
  const mails = await readOutbox();
  if (mails === null) notFound();
  return (
    <div className="mx-auto max-w-[776px]">
      <h1 className="pt-7">Outbox</h1>
      <p className="mt-1 mb-5 text-ink-2">
        What would be mailed if a mail server were configured, newest first. Only this machine can open this page.
      </p>
      {mails.length === 0 ? (
        <p className="card px-4 py-10 text-center text-ink-2">No mail yet. Sign up, and the link to confirm your address lies here.</p>
      ) : (
        <ul className="grid gap-4">
          {mails.map((mail) => (
            <Mail key={mail.id} {...mail} />
          ))}
        </ul>
      )}
    </div>
  );
}
