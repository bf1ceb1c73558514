/** Where the console's procedures are asked. */
export const CONSOLE_TRPC = "/admin/trpc";
/** Where those are asked that open a model file: an address of its own, so that one function alone takes the inference engine along. */
export const INSPECTION_TRPC = "/admin/uploads/trpc";

const INSPECTING: ReadonlySet<string> = new Set(["uploads.finish", "uploads.try", "uploads.readRows", "uploads.publish"]);

/** Whether a procedure opens a model file. @param path such as `uploads.try` */
export function opensModelFile(path: string): boolean {
  return INSPECTING.has(path);
}

/** @param path of a procedure */
export function addressOfProcedure(path: string): typeof CONSOLE_TRPC | typeof INSPECTION_TRPC {
  return opensModelFile(path) ? INSPECTION_TRPC : CONSOLE_TRPC;
}
