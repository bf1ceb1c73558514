import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isProviderUnwell, oauthProviders } from "@/server/api/auth-providers";

beforeEach(() => {
  for (const name of ["GITHUB_ID", "GITHUB_SECRET", "GOOGLE_ID", "GOOGLE_SECRET"]) vi.stubEnv(name, "of-this-test");
  vi.stubEnv("LOG_LEVEL", "silent");
});
afterEach(() => void vi.unstubAllGlobals());

const named = (name: string, facts: object, message = "") => Object.assign(new Error(message), { name }, facts);

describe("a provider of sign-ins", () => {
  it("is taken for unwell when it is silent or broken, never for what somebody brought along", () => {
    const unwell = [
      named("TypeError", {}, "fetch failed"),
      named("Error", { code: "ECONNREFUSED" }),
      named("RPError", {}, "outgoing request timed out after 3500ms"),
      named("OPError", { response: { statusCode: 502 } }),
    ];
    const madeUp = [named("OPError", { response: { statusCode: 200 }, error: "bad_verification_code" }), named("RPError", {}, "state mismatch")];
    expect(unwell.map(isProviderUnwell)).toEqual(unwell.map(() => true));
    expect(madeUp.map(isProviderUnwell)).toEqual([false, false]);
  });

  it("that does not answer refuses the sign-in as such, in time, and from then on at once", async () => {
    const hang = async (_url: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("Given up."))));
    vi.stubGlobal("fetch", vi.fn(hang));
    const refusals: unknown[] = [];
    const [github] = oauthProviders({ vouched: () => undefined, refused: (refusal) => void refusals.push(refusal) });
    const userinfo = github?.userinfo;
    if (typeof userinfo !== "object" || !userinfo.request) throw new Error("There is no way to ask.");
    const ask = async () => userinfo.request?.({ tokens: { access_token: "t" } } as Parameters<NonNullable<typeof userinfo.request>>[0]);
    await expect(ask()).rejects.toThrow("There was no answer in time.");
    expect(refusals[0]).toMatchObject({ code: "sign_in_unavailable", status: 503, retryAfterSeconds: 15 });
    const asked = vi.mocked(fetch).mock.calls.length;
    const started = performance.now();
    await expect(ask()).rejects.toThrow("github did not answer the last calls.");
    expect(performance.now() - started).toBeLessThan(500);
    expect(vi.mocked(fetch).mock.calls.length).toBe(asked);
  });
});
