import { addressOf } from "@/server/api/identity";
import { handleRest } from "@/server/api/rest";

async function handle(request: Request): Promise<Response> {
  return handleRest(request, addressOf(request));
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
