import { handleExport } from "@/server/api/export";

async function handle(request: Request): Promise<Response> {
  return handleExport(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
