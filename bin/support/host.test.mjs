import { describe, expect, it } from "vitest";
import { overwriteForwarded } from "./host.mjs";

const forged = {
  "x-forwarded-for": "6.6.6.6",
  "x-forwarded-host": "evil.example",
  "x-forwarded-proto": "https",
  "x-real-ip": "6.6.6.6",
  forwarded: "for=6.6.6.6",
};

function requestWith(headers) {
  return { headers: { host: "vitrine.example", ...headers }, socket: { remoteAddress: "::ffff:10.0.0.7", localPort: 3000 } };
}

describe("overwriteForwarded", () => {
  it("puts the socket's address in place of what a caller claims", () => {
    const request = requestWith(forged);
    overwriteForwarded(request, false);
    expect(request.headers).toEqual({
      host: "vitrine.example",
      "x-forwarded-for": "10.0.0.7",
      "x-forwarded-host": "vitrine.example",
      "x-forwarded-proto": "http",
      "x-forwarded-port": "3000",
    });
  });

  it("believes a proxy of ours", () => {
    const request = requestWith(forged);
    overwriteForwarded(request, true);
    expect(request.headers).toEqual({ host: "vitrine.example", ...forged });
  });

  it("takes Next's internal headers away from every caller", () => {
    const request = requestWith({ "x-middleware-subrequest": "a", "x-middleware-prefetch": "1", "x-matched-path": "/admin" });
    overwriteForwarded(request, true);
    expect(request.headers).toEqual({ host: "vitrine.example" });
  });
});
