/** Says in one line what is wrong with the variables this process was given, before anything starts. */
import { assertConfigured } from "@/server/core/start";

assertConfigured();
