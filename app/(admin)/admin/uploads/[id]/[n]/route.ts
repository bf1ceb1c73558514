import { handleChunk } from "@/server/admin/upload-chunks";

interface ChunkRoute {
  params: Promise<{ id: string; n: string }>;
}

const handle = (request: Request, { params }: ChunkRoute) => handleChunk(request, params);

export { handle as DELETE, handle as GET, handle as HEAD, handle as PATCH, handle as POST, handle as PUT };
