import { describe, expect, it } from "vitest";
import { takeRequestId } from "@/server/api/answer";
import { describeNetwork } from "@/server/api/identity";

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
  ])("%s counts as %s", (address, network) => {
    expect(describeNetwork(address)).toBe(network);
  });
});

describe("takeRequestId", () => {
  it.each(["abcd1234", "A_b-c".repeat(12)])("takes over %s", (id) => {
    expect(takeRequestId(new Request("http://x", { headers: { "request-id": id } }))).toBe(id);
  });

  it.each(["short", "a".repeat(65), "with space", "<script>", ""])("makes an id of its own in place of %j", (id) => {
    expect(takeRequestId(new Request("http://x", { headers: { "request-id": id } }))).toMatch(/^req_/);
  });
});
