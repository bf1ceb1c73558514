"use client";

import Link from "next/link";
import { type ReactNode, useEffect, useRef } from "react";
import { AuthPane } from "@/components/accounts/auth-pane";
import { Icon } from "@/components/ui/icon";

interface MailSentProps {
  address: string;
  /** What the link in the mail is for, and for how long: `makes your account. It works once, for 24 hours.` */
  purpose: string;
  /** Why no mail may come although everything went well. */
  exception: ReactNode;
  /** Whether the outbox can be opened from here. */
  outbox: boolean;
  onBack: () => void;
}

/** What a reader does next after a link was mailed; takes the focus, because the form that had it is gone. */
export function MailSent({ address, purpose, exception, outbox, onBack }: MailSentProps) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const question = (
    <>
      <p className="field-label">Sent to</p>
      <p className="mt-1 text-base/6 font-[550]">{address}</p>
      <button type="button" className="btn mt-5" onClick={onBack}>
        Change it or send again
      </button>
    </>
  );
  const answer = (
    <>
      <span className="text-glass">
        <Icon name="mail" size={20} />
      </span>
      <h1 ref={title} tabIndex={-1} className="auth-title mt-3 outline-none">
        Look into your mail
      </h1>
      <p className="mt-1 text-ink-2">The link in it {purpose}</p>
      {outbox && (
        <p className="mt-4">
          <Link href="/outbox" className="btn" prefetch={false}>
            Open the outbox
          </Link>
        </p>
      )}
      <h2 className="mt-6 border-t border-line pt-4 !text-[13px]/[18px] !font-semibold !tracking-normal">If nothing comes in a minute</h2>
      <ul className="mt-2 grid list-disc gap-1 pl-4 text-[13px] text-ink-2">
        <li>Look among the spam.</li>
        <li>Check the address for a slip.</li>
        <li>{exception}</li>
        <li>One address gets at most five mails an hour.</li>
      </ul>
    </>
  );
  return <AuthPane question={question} answer={answer} />;
}
