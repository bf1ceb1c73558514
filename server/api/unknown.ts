import "server-only";
import { answer } from "@/server/core/answer";
import { DomainError } from "@/server/core/errors";

/** Answers an address below `/api` that nothing else knows: 404 as problem details, never a page. */
export async function handleUnknown(request: Request): Promise<Response> {
  const refuse = async () => {
    throw new DomainError("not_found", "There is nothing at this address.");
  };
  return answer(request, refuse, { surface: "api", route: "/api/{unknown}" });
}
