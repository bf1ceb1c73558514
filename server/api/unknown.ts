import "server-only";
import { answerNowhere } from "@/server/core/served";

/** Answers an address below `/api` that nothing else knows: 404 as problem details, never a page. */
export async function handleUnknown(request: Request): Promise<Response> {
  return answerNowhere(request);
}
