/** API keys: shown once when made, afterwards known by their first and last four characters. */
import { z } from "zod";
import { modelSlug } from "@/lib/contracts/catalog";

export const MAX_LIVE_KEYS = 20;
export const keyId = z.string().regex(/^key_[0-9A-HJKMNP-TV-Z]{26}$/, "is not the id of a key");
export const keyName = z.string().trim().min(1, "is missing").max(60, "takes at most 60 characters");
/** The models a key may call; null: every model, also later ones. */
export const keyModels = z.array(modelSlug).min(1, "names at least one model").max(50).nullable();

export const keyStatus = z.enum(["active", "disabled", "expired", "revoked", "ending"]);

export const apiKey = z.object({
  object: z.literal("api_key"),
  id: z.string(),
  name: z.string(),
  /** The first and last four characters of the secret part: `vt_live_7Kq2…Gy0A`. */
  hint: z.string(),
  models: z.array(z.string()).nullable(),
  /** `ending`: rotated away, still taken until `expires_at`. */
  status: keyStatus,
  expires_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  last_used_at: z.iso.datetime().nullable(),
  /** What the last 24 hours saw: named before the key is revoked. */
  calls_24h: z.int(),
  refused_24h: z.int(),
});
export const keyList = z.object({ items: z.array(apiKey) });
/** `secret` is told this once and never again. */
export const newKey = apiKey.extend({ secret: z.string() });

export const createKeyInput = z.strictObject({
  name: keyName,
  models: keyModels.default(null),
  /** Days until it ends by itself; null: never. */
  expires_in_days: z.int().min(1).max(3_650).nullable().default(null),
});
export const updateKeyInput = z.strictObject({ id: keyId, name: keyName.optional(), enabled: z.boolean().optional() });
/** How long the old secret is still taken. */
export const rotationGrace = z.enum(["now", "1h", "24h"]);
export const rotateKeyInput = z.strictObject({ id: keyId, grace: rotationGrace });
export const keyInput = z.strictObject({ id: keyId });

export type ApiKey = z.infer<typeof apiKey>;
export type NewKey = z.infer<typeof newKey>;
export type RotationGrace = z.infer<typeof rotationGrace>;
