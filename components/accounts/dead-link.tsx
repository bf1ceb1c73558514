import Link from "next/link";
import { AuthPane } from "@/components/accounts/auth-pane";

interface DeadLinkProps {
  /** What leads to a new link. */
  href: string;
  action: string;
  hours: string;
}

/** Where a mailed link leads that was used, is too old, or was cut. */
export function DeadLink({ href, action, hours }: DeadLinkProps) {
  const question = (
    <>
      <div role="alert">
        <h1 className="auth-title">This link does not work any more</h1>
      </div>
      <p className="mt-1 mb-5 text-ink-2">
        A link works once, and for {hours}. Also check that all of it came along: mail programs cut long lines.
      </p>
      <div className="flex flex-wrap gap-2">
        <Link href={href} className="btn btn-main" prefetch={false}>
          {action}
        </Link>
        <Link href="/sign-in" className="btn" prefetch={false}>
          Sign in
        </Link>
      </div>
    </>
  );
  const answer = (
    <>
      <h2 className="auth-side-title">Used already?</h2>
      <p className="text-[13px] text-ink-2">Then it did what it was for: sign in. If you do not know the password, set a new one there.</p>
    </>
  );
  return <AuthPane question={question} answer={answer} />;
}
