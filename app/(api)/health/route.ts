import { handleReadyz } from "@/server/api/health";

async function handle(request: Request): Promise<Response> {
  return handleReadyz(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
