import { handleUpkeep } from "@/server/admin/jobs";

export { handleUpkeep as GET, handleUpkeep as HEAD, handleUpkeep as POST, handleUpkeep as PUT, handleUpkeep as PATCH, handleUpkeep as DELETE };
