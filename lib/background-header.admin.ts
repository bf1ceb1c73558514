/** `1` on calls that a page of the console makes on its own, without its reader: they do not keep an idle session alive. */
export const BACKGROUND_HEADER = "x-console-background";
