import { after } from "next/server";
import { settleConsoleCalls } from "@/server/admin/observe";
import { handleInspectionTrpc } from "@/server/admin/trpc";

async function handle(request: Request): Promise<Response> {
  after(settleConsoleCalls);
  return handleInspectionTrpc(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE };
