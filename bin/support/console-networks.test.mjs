import { afterEach, describe, expect, it, vi } from "vitest";
import { consoleRule } from "./console-networks.mjs";

afterEach(() => vi.unstubAllEnvs());

const INSIDE = "198.51.100.20";
const OUTSIDE = "192.0.2.20";
const CONSOLE = ["/admin", "/admin/", "/admin?x=1", "/admin/team", "/admin/trpc/me.get", "/admin/livez", "/admin.rsc", "/ADMIN", "/%61dmin", "/x/../admin", "/admin/jobs/other"];
const OTHERS = ["/", "/administration", "/models/admin", "/api/v1/models", "/api/../health", "/admin/jobs/upkeep"];

function hiddenFrom(address, { proxies = 0, allow = "198.51.100.0/24, 2001:db8::/32", role = "" } = {}) {
  vi.stubEnv("ADMIN_ALLOW", allow);
  vi.stubEnv("ROLE", role);
  const isHidden = consoleRule(proxies);
  return [...CONSOLE, ...OTHERS].filter((url) => isHidden({ url, headers: { "x-forwarded-for": address } }));
}

describe("the console's addresses, asked from another network than ADMIN_ALLOW has", () => {
  it("are addresses like any wrong one, but for the scheduler's, and nothing else is", () => {
    expect(hiddenFrom(OUTSIDE)).toEqual(CONSOLE);
    expect(hiddenFrom(""), "by nobody in particular").toEqual(CONSOLE);
  });

  it("are what they are from inside, and where no networks are named", () => {
    for (const address of [INSIDE, "::ffff:198.51.100.3", "[2001:db8::7]", "2001:db8::1%eth0"]) expect(hiddenFrom(address), address).toEqual([]);
    expect(hiddenFrom(OUTSIDE, { allow: "" })).toEqual([]);
    expect(hiddenFrom(OUTSIDE, { role: "site" }), "another process has them").toEqual([]);
  });

  it("are told by the entry that a proxy of ours wrote, not by what a caller claims", () => {
    expect(hiddenFrom(`${INSIDE}, ${OUTSIDE}`, { proxies: 1 })).toEqual(CONSOLE);
    expect(hiddenFrom(`${OUTSIDE}, ${INSIDE}`, { proxies: 1 })).toEqual([]);
    expect(hiddenFrom(`${OUTSIDE}, ${INSIDE}, 203.0.113.1`, { proxies: 2 })).toEqual([]);
  });
});
