"use client";

import { NewPasswordForm } from "@/components/admin/operators/new-password-form";

/** The step between a password that somebody else knows and the console. */
export function FirstPassword() {
  return <NewPasswordForm currentLabel="Password you were given" onDone={() => window.location.assign("/admin")} />;
}
