import { handleOpenApi } from "@/server/api/openapi";

async function handle(request: Request): Promise<Response> {
  return handleOpenApi(request);
}

export { handle as GET, handle as HEAD, handle as POST, handle as PUT, handle as PATCH, handle as DELETE, handle as OPTIONS };
