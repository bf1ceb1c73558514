/** What the team tells every customer on every page, such as that something will be away for an hour. */
import { z } from "zod";

export const noticeTone = z.enum(["info", "warn"]);
export const siteNotice = z.object({ text: z.string(), tone: noticeTone });

export type SiteNotice = z.infer<typeof siteNotice>;
