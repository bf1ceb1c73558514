"use client";

import { CopyButton } from "@/components/ui/copy-button";
import { Icon } from "@/components/ui/icon";
import { Notice } from "@/components/ui/notice";

interface RecoveryCodesProps {
  codes: string[];
  onClose: () => void;
}

function download(text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = Object.assign(document.createElement("a"), { href: address, download: "vitrine-recovery-codes.txt" });
  link.click();
  URL.revokeObjectURL(address);
}

/** The recovery codes of a new authenticator, shown this once. */
export function RecoveryCodes({ codes, onClose }: RecoveryCodesProps) {
  const text = `${codes.join("\n")}\n`;
  return (
    <Notice tone="ok" title="The second step is on. Keep these recovery codes now, they are shown only once." onClose={onClose}>
      <p>Each of them works once in place of a code, for the day on which your authenticator is lost.</p>
      <ul className="recovery-codes" aria-label="Recovery codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton label="Copy codes" text={text} />
        <button type="button" className="btn" onClick={() => download(text)}>
          <Icon name="download" />
          Download
        </button>
      </div>
    </Notice>
  );
}
