import { handleAuditExport } from "@/server/admin/audit-export";

export {
  handleAuditExport as GET,
  handleAuditExport as HEAD,
  handleAuditExport as POST,
  handleAuditExport as PUT,
  handleAuditExport as PATCH,
  handleAuditExport as DELETE,
};
