import type { ReactNode } from "react";
import { Card } from "@/components/ui/card";

interface SettingProps {
  title: string;
  /** What it is about, beside the controls. */
  about: ReactNode;
  children: ReactNode;
}

/** One part of the account page: what it is about on the left, what can be done on the right. */
export function Setting({ title, about, children }: SettingProps) {
  return (
    <Card title={title}>
      <div className="setting">
        <div className="text-[13px] text-ink-2">{about}</div>
        <div className="min-w-0">{children}</div>
      </div>
    </Card>
  );
}
