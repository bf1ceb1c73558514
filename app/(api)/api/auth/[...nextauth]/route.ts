import { after } from "next/server";
import { handleAuth } from "@/server/api/auth";
import { addressOf } from "@/server/api/identity";
import { settleCalls } from "@/server/api/observe";

async function handle(request: Request): Promise<Response> {
  after(settleCalls);
  return handleAuth(request, addressOf(request));
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
