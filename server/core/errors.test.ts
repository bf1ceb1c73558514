import { describe, expect, it } from "vitest";
import { DomainError, errorKinds, toDomainError } from "@/server/core/errors";

function named(name: string, cause?: unknown): Error {
  const error = new Error("secret host:27017", { cause });
  error.name = name;
  return error;
}

describe("errors", () => {
  it("every 503 tells when to come back", () => {
    for (const [code, kind] of Object.entries(errorKinds)) {
      if (kind.status === 503) expect(kind, code).toHaveProperty("retryAfterSeconds");
    }
  });

  it("finds the refusal inside whatever wraps it", () => {
    const refusal = new DomainError("not_found", "There is no such model.");
    expect(toDomainError(named("TRPCError", named("Wrapper", refusal)))).toBe(refusal);
  });

  it.each(["MongoServerSelectionError", "MongoNetworkError", "MongoNetworkTimeoutError", "MongooseServerSelectionError", "MongoNotConnectedError", "MongoOperationTimeoutError"])(
    "tells a lost database as such and not as our mistake: %s",
    (name) => {
      expect(toDomainError(named(name))).toMatchObject({ code: "database_unavailable", status: 503, retryAfterSeconds: 5 });
    },
  );

  it("tells a bulk write whose connection was lost as a lost database, and one with a write that failed as our mistake", () => {
    const bulk = (writeErrors: object[], code?: number) => Object.assign(named("MongoBulkWriteError"), { writeErrors, ...(code && { code }) });
    expect(toDomainError(bulk([])).code).toBe("database_unavailable");
    expect(toDomainError(bulk([], 50)).code).toBe("database_unavailable");
    expect(toDomainError(bulk([{ code: 11_000 }], 11_000)).code).toBe("internal_error");
    expect(toDomainError(Object.assign(named("Error"), { code: "EPIPE", syscall: "write" })).code).toBe("database_unavailable");
    expect(toDomainError(Object.assign(named("Error"), { code: "ENOENT", syscall: "open" })).code).toBe("internal_error");
  });

  it("the text of an unexpected error never leaves", () => {
    const told = toDomainError(named("TypeError"));
    expect(told.code).toBe("internal_error");
    expect(told.message).not.toContain("secret");
  });
});
