import "server-only";
import { headers } from "next/headers";
import { writeCurl } from "@/lib/snippets";
import { findOrigin } from "@/server/core/forwarded";
import { getModel, listModels } from "@/server/modules/catalog/service";

/** Longer inputs, such as images, are no line to paste. */
const MOST_CHARACTERS = 600;
const LOOKED_AT = 5;

/** A line that calls a published model with one of its examples, for a terminal; null while there is no model with a short one. */
export async function writeFirstCall(): Promise<string | null> {
  const origin = findOrigin(await headers(), "http://localhost:3000");
  const { items } = await listModels({ limit: LOOKED_AT });
  for (const { slug } of items) {
    const [example] = (await getModel(slug)).live.examples;
    const input = example?.input;
    if (input && JSON.stringify(input).length <= MOST_CHARACTERS) return writeCurl({ origin, model: slug, input });
  }
  return null;
}
