import { after } from "next/server";
import { handleExport } from "@/server/api/export";
import { settleCalls } from "@/server/api/observe";

async function handle(request: Request): Promise<Response> {
  after(settleCalls);
  return handleExport(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
