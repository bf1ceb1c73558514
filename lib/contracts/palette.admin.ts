/** What the console's command palette finds by a few letters. */
import { z } from "zod";

export const paletteInput = z.strictObject({ query: z.string().trim().max(140) });

export const paletteItem = z.object({
  kind: z.enum(["model", "act", "draft", "customer", "request", "operator"]),
  title: z.string(),
  detail: z.string(),
  href: z.string().startsWith("/admin/"),
});
export const paletteAnswer = z.object({ items: z.array(paletteItem) });

export type PaletteItem = z.infer<typeof paletteItem>;
