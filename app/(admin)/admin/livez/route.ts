import { handleConsoleLivez } from "@/server/admin/health";

export {
  handleConsoleLivez as GET,
  handleConsoleLivez as HEAD,
  handleConsoleLivez as POST,
  handleConsoleLivez as PUT,
  handleConsoleLivez as PATCH,
  handleConsoleLivez as DELETE,
};
