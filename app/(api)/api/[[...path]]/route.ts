import { handleUnknown } from "@/server/api/unknown";

async function handle(request: Request): Promise<Response> {
  return handleUnknown(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
