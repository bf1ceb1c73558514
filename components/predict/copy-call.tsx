"use client";

import { CopyButton } from "@/components/ui/copy-button";
import { fromQuery, toFormValues } from "@/lib/case-url";
import type { Example } from "@/lib/contracts/catalog";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { checkRow } from "@/lib/check-row";
import { writeCurl } from "@/lib/snippets";

interface CopyCallProps {
  model: string;
  schema: ModelSchema;
  /** The case the page starts with where the address names none. */
  first: Example["input"];
  origin: string;
}

/** Copies the address of the case that is shown, or the call that answers it. */
export function CopyCall({ model, schema, first, origin }: CopyCallProps) {
  const writeCall = () => {
    const base = toFormValues(first);
    const values = fromQuery(schema.inputs, new URLSearchParams(window.location.search), base);
    const { row } = checkRow(schema, values, "#/input");
    // What is wrong is copied as typed: left out, a default would stand in for it and the call would answer another case.
    return writeCurl({ origin, model, input: { ...values, ...row } });
  };
  return (
    <div className="flex flex-wrap gap-2">
      <CopyButton label="Share this case" icon="link" text={() => window.location.href} />
      <CopyButton label="Copy the call" text={writeCall} />
    </div>
  );
}
