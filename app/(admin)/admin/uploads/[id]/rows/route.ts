import { handleRows } from "@/server/admin/upload-chunks";

interface RowsRoute {
  params: Promise<{ id: string }>;
}

const handle = (request: Request, { params }: RowsRoute) => handleRows(request, params);

export { handle as DELETE, handle as GET, handle as HEAD, handle as PATCH, handle as POST, handle as PUT };
