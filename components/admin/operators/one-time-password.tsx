import { CopyButton } from "@/components/ui/copy-button";
import { LocalTime } from "@/components/ui/local-time";
import { Notice } from "@/components/ui/notice";
import type { OneTimePassword } from "@/lib/contracts/operators.admin";

interface OneTimePasswordNoticeProps {
  given: OneTimePassword;
  onClose: () => void;
}

/** A password that was made for somebody, shown this once. */
export function OneTimePasswordNotice({ given: { operator, password }, onClose }: OneTimePasswordNoticeProps) {
  return (
    <Notice tone="ok" title={`A password for ${operator.name}. Copy it now, it is shown only once.`} onClose={onClose}>
      <p>
        Hand it over in person or by a channel you trust, with the address <b>{operator.email}</b>. It opens one page alone: the one where a
        password of their own is chosen.
        {operator.password_expires_at !== null && (
          <>
            {" "}
            It works until <LocalTime iso={operator.password_expires_at} />; then reset their password for a new one.
          </>
        )}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <div className="input max-w-[360px] flex-[1_1_240px] !border-line-2">
          <input
            readOnly
            aria-label="One-time password"
            className="font-mono text-[12px]"
            value={password}
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
        <CopyButton label="Copy password" text={password} />
      </div>
    </Notice>
  );
}
