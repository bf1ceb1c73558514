import { TRPCClientError } from "@trpc/client";
import { describe, expect, test } from "vitest";
import { readRefusal, RefusedError, sayDuration, toSentence } from "@/lib/refusal";

/** A refusal as the API's error formatter writes it. */
function refused(data: object, headers: HeadersInit = {}): unknown {
  const body = { error: { message: "Some fields are not valid.", code: -32_603, data } };
  return TRPCClientError.from(body, { meta: { response: new Response(null, { headers }) } });
}

describe("readRefusal", () => {
  test("gives each field its own words", () => {
    const errors = [
      { pointer: "#/name", detail: "is missing" },
      { pointer: "#/a~1b", detail: "is long" },
    ];
    const refusal = readRefusal(refused({ code: "invalid_input", errors }));
    expect(refusal.code).toBe("invalid_input");
    expect(refusal.fields["name"]).toBe("is missing");
  });

  test("says how long to wait where the answer does", () => {
    const refusal = readRefusal(refused({ code: "rate_limited" }, { "Retry-After": "90" }));
    expect(refusal.message).toBe("Some fields are not valid. Try again in 2 minutes.");
  });

  test("an answer that never came is no answer of ours", () => {
    for (const error of [new TypeError("fetch failed"), new TRPCClientError("Unexpected token <")]) {
      expect(readRefusal(error)).toMatchObject({ code: null, fields: {} });
    }
  });

  test("a call that nobody signed is a session that ended", () => {
    expect(readRefusal(refused({ code: "key_missing" })).message).toBe("Your session has ended. Load the page again to sign in.");
  });

  test("hands on what a page refused by itself", () => {
    const refusal = { code: "sign_in_refused", message: "Email or password is wrong.", fields: {} };
    expect(readRefusal(new RefusedError(refusal))).toBe(refusal);
  });
});

test("a wait is never said shorter than it is", () => {
  const said = [0.4, 1, 12.2, 59.5, 60, 61, 899, 7_200].map(sayDuration);
  expect(said).toEqual(["a second", "a second", "13 seconds", "60 seconds", "a minute", "2 minutes", "15 minutes", "2 hours"]);
});

test("a fault becomes a sentence about its field, and a sentence stays one", () => {
  expect(toSentence("Password", "needs at least 10 characters")).toBe("Password needs at least 10 characters.");
  expect(toSentence("Password", "This password is one of the most common ones.")).toBe("This password is one of the most common ones.");
});
