import { handleAuth } from "@/server/api/auth";
import { addressOf } from "@/server/api/identity";

async function handle(request: Request): Promise<Response> {
  return handleAuth(request, addressOf(request));
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
