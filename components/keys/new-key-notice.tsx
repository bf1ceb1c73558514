import { CodeBlock } from "@/components/ui/code-block";
import { CopyButton } from "@/components/ui/copy-button";
import { Notice } from "@/components/ui/notice";
import type { ShownKey } from "@/components/keys/use-new-key";

interface NewKeyNoticeProps {
  shown: ShownKey;
  /** What happened to the key: `created`, `rotated`. */
  happened: string;
  onClose: () => void;
}

/** A new key, shown this once, and a call with it that answers as pasted. */
export function NewKeyNotice({ shown: { key, call }, happened, onClose }: NewKeyNoticeProps) {
  return (
    <Notice tone="ok" title={`Key “${key.name}” was ${happened}. Copy it now, it is shown only once.`} onClose={onClose}>
      <div className="mt-2 flex flex-wrap gap-2">
        <div className="input max-w-[480px] flex-[1_1_240px] !border-line-2">
          <input
            readOnly
            aria-label="New key"
            className="font-mono text-[12px]"
            value={key.secret}
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
        <CopyButton label="Copy key" text={key.secret} />
      </div>
      {call === undefined && <div className="skeleton mt-3 h-52" aria-hidden="true" />}
      {call && (
        <div className="mt-3">
          <CodeBlock title="Try it with curl" code={call} />
        </div>
      )}
    </Notice>
  );
}
