import "server-only";
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { renderSVG } from "uqr";
import type { TwoFactorSetup } from "@/lib/contracts/operators.admin";
import { readConsoleSecret } from "@/server/core/secrets";

const PERIOD_SECONDS = 30;
/** A code of the step before and after still counts, for clocks that differ (RFC 6238 section 5.2). */
const WINDOW = 1;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;
const ISSUER = "Vitrine console";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

async function readSealingKey(): Promise<Buffer> {
  return Buffer.from(hkdfSync("sha256", await readConsoleSecret(), "", "vitrine two factor", 32));
}

/** AES-256-GCM under a key of its own out of the console's secret: nonce, tag and text in base64url. */
export async function sealSecret(secret: string): Promise<string> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", await readSealingKey(), nonce);
  const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** @throws {Error} when it was sealed with another secret of the console */
export async function openSecret(sealed: string): Promise<string> {
  const bytes = Buffer.from(sealed, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", await readSealingKey(), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
}

function createTotp(secret: string, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, algorithm: "SHA1", digits: 6, period: PERIOD_SECONDS, secret: Secret.fromBase32(secret) });
}

/** A new secret for an authenticator, in base 32. */
export function createTwoFactorSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** What an authenticator takes: the secret to type, and the same as a picture to read with a camera. */
export function describeTwoFactor(secret: string, email: string): TwoFactorSetup {
  const uri = createTotp(secret, email).toString();
  return { secret, uri, qr_svg: renderSVG(uri, { border: 2 }) };
}

/** The time step that a code belongs to (RFC 6238), or null when it is wrong or too old. */
export function findStep(secret: string, code: string, now: number): number | null {
  const delta = createTotp(secret, "").validate({ token: code.replaceAll(" ", ""), timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / 1000 / PERIOD_SECONDS) + delta;
}

/** Each works once in place of a code: 80 random bits in base 32, in groups of four. */
export function createRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const text = new Secret({ buffer: Uint8Array.from(randomBytes(RECOVERY_BYTES)).buffer }).base32;
    return (text.match(/.{4}/g) ?? []).join("-").toLowerCase();
  });
}

/** How a recovery code is kept; however it is typed. */
export function hashRecoveryCode(code: string): string {
  return createHash("sha256").update(code.toLowerCase().replace(/[^a-z2-7]/g, "")).digest("base64url");
}
