import { after } from "next/server";
import { addressOf } from "@/server/api/identity";
import { settleCalls } from "@/server/api/observe";
import { handleTrpc } from "@/server/api/trpc";

async function handle(request: Request): Promise<Response> {
  after(settleCalls);
  return handleTrpc(request, addressOf(request));
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
