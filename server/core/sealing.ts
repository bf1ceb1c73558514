import "server-only";

/** What seals sessions, in a file of its own so that it is loaded with the first session: a process that answers keys alone starts without it. */
export { decode, encode } from "next-auth/jwt";
