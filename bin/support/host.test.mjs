import { describe, expect, it } from "vitest";
import { overwriteForwarded, takeOrigin } from "./host.mjs";

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

describe("takeOrigin", () => {
  it.each([
    ["http://vitrine.example:3000/api/v1/models?limit=2", "/api/v1/models?limit=2", "vitrine.example:3000"],
    ["HTTPS://Vitrine.Example", "/", "vitrine.example"],
    ["/api/v1/models", "/api/v1/models", "other.example"],
    ["http://", "http://", "other.example"],
    ["ftp://vitrine.example/api", "ftp://vitrine.example/api", "other.example"],
  ])("takes a whole address for its path, and its host for the host: %s", (target, url, host) => {
    const request = { url: target, headers: { host: "other.example" } };
    takeOrigin(request);
    expect(request).toEqual({ url, headers: { host } });
  });
});
