import "server-only";
import { env } from "@/server/core/env";
import type { IdentityProvider } from "@/server/modules/accounts/collection";

export interface ConfiguredProvider {
  id: IdentityProvider;
  title: string;
}

/** By whom else one can sign in here: only who is configured is offered. */
export function listProviders(): ConfiguredProvider[] {
  const { github, google } = env().auth;
  return [...(github ? [{ id: "github", title: "GitHub" } as const] : []), ...(google ? [{ id: "google", title: "Google" } as const] : [])];
}
