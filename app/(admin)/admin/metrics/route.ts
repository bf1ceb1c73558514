import { handleMetrics } from "@/server/admin/metrics";

export {
  handleMetrics as GET,
  handleMetrics as HEAD,
  handleMetrics as POST,
  handleMetrics as PUT,
  handleMetrics as PATCH,
  handleMetrics as DELETE,
};
