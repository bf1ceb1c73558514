import { beforeAll, describe, expect, it, vi } from "vitest";
import { handleAuditExport } from "@/server/admin/audit-export";
import { isAllowedAddress } from "@/server/admin/network";
import { askDoor, codeOf, createSignedIn, procedures, sendForm, type SignedInOperator } from "@/server/admin/test-support";
import { ORIGIN, useOwnDatabase } from "@/server/api/test-support";

vi.stubEnv("ADMIN_ALLOW", "198.51.100.0/24, 203.0.113.7, 2001:db8:7::/48");
const INSIDE = "198.51.100.20";
const OUTSIDE = "192.0.2.20";
let owner: SignedInOperator;

beforeAll(async () => {
  await useOwnDatabase("console-network", process.env.MONGODB_URI);
  owner = await createSignedIn("owner", true);
});

describe("ADMIN_ALLOW", () => {
  it.each(["198.51.100.0", "198.51.100.255", "203.0.113.7", "2001:db8:7:1::9", "::ffff:198.51.100.3", "[2001:db8:7::1]", "2001:db8:7::1%eth0"])(
    "lets %s in",
    (address) => {
      expect(isAllowedAddress(address)).toBe(true);
    },
  );

  it.each(["198.51.101.1", "203.0.113.8", "2001:db8:8::1", "::ffff:192.0.2.1", "::1", "127.0.0.1", "", "unknown", "198.51.100.1, 192.0.2.1"])(
    "keeps %j out",
    (address) => {
      expect(isAllowedAddress(address)).toBe(false);
    },
  );
});

describe("from another network", () => {
  it.each([...procedures.keys()])("%s does not exist, not even for an owner", async (path) => {
    expect(await codeOf(await askDoor(path, {}, owner.page, OUTSIDE))).toBe("not_found");
  });

  it.each(["callback/password", "callback/code", "signout", "nothing"])("the sign-in's %s does not exist", async (step) => {
    const response = await sendForm(step, { email: owner.email, password: "nine brass kettles hum" }, {}, OUTSIDE);
    expect(response.status).toBe(404);
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  it("the export of the audit does not exist", async () => {
    const headers = { ...owner.page, "x-forwarded-for": OUTSIDE };
    expect((await handleAuditExport(new Request(`${ORIGIN}/admin/audit-export`, { headers }))).status).toBe(404);
  });

  it("the owner is answered again from inside, with the same session", async () => {
    expect(await codeOf(await askDoor("me.get", {}, owner.page, INSIDE))).toBe("ok");
  });
});
