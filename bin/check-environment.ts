/** Says in one line what is wrong with the variables this process was given, before anything starts. */
import { env } from "@/server/core/env";

const { production, database } = env();
if (production && !database.uri && !database.embeddedInProduction) {
  throw new Error("MONGODB_URI is not set; VITRINE_EMBEDDED=1 allows the embedded database instead");
}
