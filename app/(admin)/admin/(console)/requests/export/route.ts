import { handleRequestsExport } from "@/server/admin/requests-export";

export {
  handleRequestsExport as GET,
  handleRequestsExport as HEAD,
  handleRequestsExport as POST,
  handleRequestsExport as PUT,
  handleRequestsExport as PATCH,
  handleRequestsExport as DELETE,
};
