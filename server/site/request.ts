import "server-only";
import { cookies, headers } from "next/headers";
import { env } from "@/server/core/env";
import { findOrigin } from "@/server/core/forwarded";

/** Where the reader reached us, without a trailing slash: what copied code has to call. */
export async function readOrigin(): Promise<string> {
  return findOrigin(await headers(), "http://localhost:3000");
}

/** How many predictions a visitor without a key may ask for in a minute; 0 when there is no limit. */
export function readCallsPerMinute(): number {
  return env().visitor.callsPerMinute;
}

export type Theme = "light" | "dark";

/** The theme the reader chose, or undefined to follow the system. */
export async function readTheme(): Promise<Theme | undefined> {
  const chosen = (await cookies()).get("theme")?.value;
  return chosen === "light" || chosen === "dark" ? chosen : undefined;
}
