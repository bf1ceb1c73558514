import "server-only";
import { MAX_LIVE_KEYS } from "@/lib/contracts/keys";
import { DomainError } from "@/server/core/errors";
import { findSlots, freeExpiredSlots, type RotationOutcome } from "@/server/modules/keys/repository";

/** Somebody else is faster for a place this often only while hundreds of keys are made and revoked at the same time. */
const MAX_ATTEMPTS = 100;

/** A place without a key, any of them: those who look at the same time then seldom meet. null when all are taken. */
async function findFreeSlot(customerId: string): Promise<number | null> {
  const taken = new Set(await findSlots(customerId));
  const free = Array.from({ length: MAX_LIVE_KEYS }, (_place, slot) => slot).filter((slot) => !taken.has(slot));
  return free[Math.floor(Math.random() * free.length)] ?? null;
}

/** As {@link findFreeSlot}, after keys that are over have given back theirs where that is needed. */
async function findOrFreeSlot(customerId: string): Promise<number | null> {
  const slot = await findFreeSlot(customerId);
  if (slot !== null) return slot;
  await freeExpiredSlots(customerId, new Date());
  return findFreeSlot(customerId);
}

/**
 * Tries places until one is had; who writes into a place finds out whether somebody else was faster.
 * @param own a place that gets free by the write itself
 * @throws {DomainError} `too_many_keys`
 */
export async function takeSlot(
  customerId: string,
  write: (slot: number) => Promise<RotationOutcome>,
  own?: number | undefined,
): Promise<Exclude<RotationOutcome, "slot_taken">> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const slot = own !== undefined && attempt === 0 ? own : await findOrFreeSlot(customerId);
    if (slot === null) break;
    const outcome = await write(slot);
    if (outcome !== "slot_taken") return outcome;
  }
  throw new DomainError("too_many_keys", `An account has at most ${MAX_LIVE_KEYS} keys: revoke one that is not used any more.`);
}
