import { describe, expect, it } from "vitest";
import { checksumOf, createSecret, describeSecret, hashSecret, hasKeyForm } from "@/server/modules/keys/secret";

/** Put together by hand, with the checksum from another implementation of CRC-32. */
const KNOWN = "vt_live_7Kq2abcdefghijklmnopqrstuvwxGy0A3LlDCo";

describe("checksumOf", () => {
  it.each([
    ["123456789", "3jZRME"],
    ["", "000000"],
    ["vt_live_00000000000000000000000000000000", "4NfqnD"],
  ])("gives the known answer for %j", (text, checksum) => {
    expect(checksumOf(text)).toBe(checksum);
  });
});

describe("hasKeyForm", () => {
  it("takes a key of known checksum, and none that differs in one character or in two that changed places", () => {
    expect(hasKeyForm(KNOWN)).toBe(true);
    for (let place = 0; place < KNOWN.length; place++) {
      const other = KNOWN.charAt(place) === "x" ? "y" : "x";
      expect(hasKeyForm(KNOWN.slice(0, place) + other + KNOWN.slice(place + 1))).toBe(false);
      const [one, two] = [KNOWN.charAt(place), KNOWN.charAt(place + 1)];
      if (two !== "" && one !== two) expect(hasKeyForm(KNOWN.slice(0, place) + two + one + KNOWN.slice(place + 2))).toBe(false);
    }
  });

  const others = ["", "vt_live_", `${KNOWN} `, ` ${KNOWN}`, `${KNOWN}\n`, KNOWN.slice(0, -1), `${KNOWN}0`, KNOWN.toLowerCase()];

  it.each([...others, "x".repeat(1_000_000)])("refuses text of another form (%#)", (text) => {
    expect(hasKeyForm(text)).toBe(false);
  });
});

describe("createSecret", () => {
  it("makes 50,000 keys of the agreed form, all different, each character as often as the others", () => {
    const made = new Set<string>();
    const counts = new Uint32Array(128);
    for (let n = 0; n < 50_000; n++) {
      const secret = createSecret();
      made.add(secret);
      for (let place = 8; place < 40; place++) counts[secret.charCodeAt(place)] = (counts[secret.charCodeAt(place)] ?? 0) + 1;
    }
    expect(made.size).toBe(50_000);
    expect([...made].filter((_secret, index) => index % 100 === 0).every(hasKeyForm)).toBe(true);
    const seen = [...counts].filter((count) => count > 0);
    expect(seen).toHaveLength(62);
    const expected = (50_000 * 32) / 62;
    const distance = seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // Chi-squared with 61 degrees of freedom is above 150 once in a hundred million runs; bytes taken modulo 62 give 10,000.
    expect(distance).toBeLessThan(150);
  });
});

it("describes a key by the first and last four characters behind the prefix", () => {
  expect(describeSecret(KNOWN)).toBe(`vt_live_7Kq2…${KNOWN.slice(-4)}`);
});

it("hashes the whole key with SHA-256", () => {
  expect(hashSecret("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
});
