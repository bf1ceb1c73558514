import { handleConsoleReadyz } from "@/server/admin/health";

export {
  handleConsoleReadyz as GET,
  handleConsoleReadyz as HEAD,
  handleConsoleReadyz as POST,
  handleConsoleReadyz as PUT,
  handleConsoleReadyz as PATCH,
  handleConsoleReadyz as DELETE,
};
