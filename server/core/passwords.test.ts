import { describe, expect, it } from "vitest";
import { assertGoodPassword, checkPassword, hashPassword } from "@/server/core/passwords";
import { refusalOf } from "@/server/modules/accounts/test-support";

const ada = { email: "ada.lovelace@example.com", name: "Augusta Ada King" };

describe("passwords", () => {
  it("are stored as argon2id with the cost that OWASP asks for, never twice the same", async () => {
    const [one, other] = [await hashPassword("correct horse battery"), await hashPassword("correct horse battery")];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await checkPassword(one, "correct horse battery")).toBe(true);
    expect(await checkPassword(one, "correct horse Battery")).toBe(false);
  });

  it("fit nobody where there is no hash", async () => {
    expect(await checkPassword(null, "correct horse battery")).toBe(false);
  });

  it.each(["          ", "aaaaaaaaaa", "abababababab", "1234567890\0", "line\nbreak words"])("that are a pattern or hold what nobody types are refused: %j", async (password) => {
    expect(await refusalOf(assertGoodPassword(password, ada))).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/password" }] });
  });

  it("are the same however a keyboard composes them", async () => {
    expect(await checkPassword(await hashPassword("cafe\u0301 au lait"), "café au lait")).toBe(true);
  });

  it.each(["1234567890", "qwertyuiop", "QwertyUiop", "password123", "ada.lovelace1815", "XXADA.LOVELACEXX", "augusta ada king"])(
    "that are guessed first are refused: %s",
    async (password) => {
      expect(await refusalOf(assertGoodPassword(password, ada))).toMatchObject({ code: "invalid_input", errors: [{ pointer: "#/password" }] });
    },
  );

  it.each(["correct horse battery", "aaaabbbbccccddddeeee", "lovelace and babbage", "пароль из слов"])("are otherwise up to their owner: %s", async (password) => {
    expect(await refusalOf(assertGoodPassword(password, ada))).toBeNull();
  });

  it("may hold what is too short a part of an address to mean anything", async () => {
    expect(await refusalOf(assertGoodPassword("a rather long one", { email: "a@example.com", name: "Al" }))).toBeNull();
  });
});
