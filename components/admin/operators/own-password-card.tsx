"use client";

import { useState } from "react";
import { NewPasswordForm } from "@/components/admin/operators/new-password-form";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";

/** A new password for the reader. */
export function OwnPasswordCard() {
  const [changes, setChanges] = useState(0);
  return (
    <Card title="Password" aside="Ends your sessions in other browsers">
      <div className="grid gap-4">
        {changes > 0 && <Notice tone="ok" title="Your password was changed." onClose={() => setChanges(0)} />}
        {/* A new form each time: the old passwords must not stay in its fields. */}
        <NewPasswordForm key={changes} onDone={() => setChanges(changes + 1)} />
      </div>
    </Card>
  );
}
