import type { ReactNode } from "react";
import { Icon, type IconName } from "@/components/ui/icon";

export type NoticeTone = "ok" | "warn" | "bad" | "info";

const icons: Record<NoticeTone, IconName> = { ok: "done", warn: "warn", bad: "alert", info: "info" };

interface NoticeProps {
  tone: NoticeTone;
  /** The sentence that stands out; what follows from it goes into `children`. */
  title?: ReactNode;
  children?: ReactNode;
  /** Takes the notice away; without it there is no such button. */
  onClose?: () => void;
}

/** A message of the page to its reader. Bad news interrupt a screen reader, everything else waits its turn. */
export function Notice({ tone, title, children, onClose }: NoticeProps) {
  return (
    <div className="notice" data-tone={tone} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={icons[tone]} />
      <div className="min-w-0 flex-1">
        {title && <p className="font-[550]">{title}</p>}
        {children}
      </div>
      {onClose && (
        <button type="button" className="notice-close" onClick={onClose} aria-label="Close">
          <Icon name="close" size={14} />
        </button>
      )}
    </div>
  );
}
