import { after } from "next/server";
import { handleConsoleAuth } from "@/server/admin/auth";
import { settleConsoleCalls } from "@/server/admin/observe";

async function handle(request: Request): Promise<Response> {
  after(settleConsoleCalls);
  return handleConsoleAuth(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE };
