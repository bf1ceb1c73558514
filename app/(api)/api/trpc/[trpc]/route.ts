import { addressOf } from "@/server/api/identity";
import { handleTrpc } from "@/server/api/trpc";

async function handle(request: Request): Promise<Response> {
  return handleTrpc(request, addressOf(request));
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
