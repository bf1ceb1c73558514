import "server-only";
import { DomainError } from "@/server/core/errors";
import { isInsideNetworks } from "@/server/core/networks";
import { serves } from "@/server/core/served";

/** Whether this process serves the console, and to an address; everybody may reach it where no networks are configured. */
export function isAllowedAddress(address: string): boolean {
  return serves("admin") && isInsideNetworks(address);
}

/** To be asked before anything else at every address of the console. @throws {DomainError} `not_found`: nobody outside learns that it is here */
export function assertAllowedAddress(address: string): void {
  if (!isAllowedAddress(address)) throw new DomainError("not_found", "There is nothing at this address.");
}
