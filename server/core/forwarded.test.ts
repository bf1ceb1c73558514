import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

/** The module as it is with these variables. */
async function load(variables: Record<string, string>) {
  vi.resetModules();
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  return import("@/server/core/forwarded");
}

const FALLBACK = "http://fallback.test";

describe("what proxies say of a call", () => {
  beforeEach(() => vi.stubEnv("VITRINE_URL", ""));
  afterEach(() => vi.unstubAllEnvs());

  it("gives the address that our proxy saw, not the one the caller claims", async () => {
    const { findAddress } = await load({ TRUST_PROXY: "1" });
    expect(findAddress(new Headers({ "x-forwarded-for": "203.0.113.9" }))).toBe("203.0.113.9");
    expect(findAddress(new Headers({ "x-forwarded-for": "1.2.3.4, 203.0.113.9" }))).toBe("203.0.113.9");
  });

  it("reaches past as many proxies as are ours", async () => {
    const { findAddress } = await load({ TRUST_PROXY: "2" });
    expect(findAddress(new Headers({ "x-forwarded-for": "1.2.3.4, 203.0.113.9, 10.0.0.7" }))).toBe("203.0.113.9");
    expect(findAddress(new Headers({ "x-forwarded-for": "203.0.113.9" }))).toBe("203.0.113.9");
    expect(findAddress(new Headers())).toBe("");
  });

  it("names the host that was asked for, where a proxy of ours says it", async () => {
    const headers = new Headers({ host: "10.0.0.5:3000", "x-forwarded-host": "models.example.com", "x-forwarded-proto": "https" });
    expect((await load({ TRUST_PROXY: "1" })).findOrigin(headers, FALLBACK)).toBe("https://models.example.com");
    expect((await load({ TRUST_PROXY: "0" })).findOrigin(headers, FALLBACK)).toBe("http://10.0.0.5:3000");
  });

  it("takes nothing for a host that is none", async () => {
    const { findOrigin } = await load({ TRUST_PROXY: "1" });
    expect(findOrigin(new Headers({ host: "evil.example/@x" }), FALLBACK)).toBe(FALLBACK);
    expect(findOrigin(new Headers(), FALLBACK)).toBe(FALLBACK);
  });

  it("says what is configured, whatever comes in", async () => {
    const { findOrigin } = await load({ VITRINE_URL: "https://models.example.com/" });
    expect(findOrigin(new Headers({ host: "evil.example" }), FALLBACK)).toBe("https://models.example.com");
  });
});

describe("describeNetwork", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
    ["[2001:db8::1]", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", "unknown"],
    ["1.2.3.4, evil", "unknown"],
    ["not an address", "unknown"],
  ])("%s counts as %s", async (address, network) => {
    const { describeNetwork } = await load({});
    expect(describeNetwork(address)).toBe(network);
  });
});
