"use client";

import { useRef, useState } from "react";
import type { NewKey } from "@/lib/contracts/keys";
import { writeCurl } from "@/lib/snippets";
import { api } from "@/lib/trpc-client";

interface Choice {
  slug: string;
  /** How many fields one row has. */
  inputs: number;
}

/** A row of so many fields can be read in a copied line. */
const READABLE = 20;

export interface ShownKey {
  key: NewKey;
  /** A call with the key in it that answers as pasted; undefined while it is being written, null where there is none. */
  call: string | null | undefined;
}

/** The model to show a key with: one that it may call and whose row is short. */
function pickModel(models: Choice[], { models: allowed }: NewKey): Choice | undefined {
  const usable = models.filter(({ slug }) => allowed === null || allowed.includes(slug));
  return usable.find(({ inputs }) => inputs > 1 && inputs <= READABLE) ?? usable[0];
}

async function writeCall(models: Choice[], origin: string, key: NewKey): Promise<string | null> {
  const model = pickModel(models, key);
  if (!model) return null;
  try {
    const { live } = await api.catalog.get.query({ model: model.slug });
    return writeCurl({ origin, model: model.slug, input: live.examples[0]?.input ?? {}, apiKey: key.secret });
  } catch {
    return null;
  }
}

/** The key that was just made: at once as it is, and as soon as it is written with a call that uses it. */
export function useNewKey(models: Choice[], origin: string) {
  const [shown, setShown] = useState<ShownKey | null>(null);
  const newest = useRef("");
  const show = (key: NewKey) => {
    newest.current = key.secret;
    setShown({ key, call: undefined });
    void writeCall(models, origin, key).then((call) => {
      if (newest.current === key.secret) setShown({ key, call });
    });
  };
  const hide = () => {
    newest.current = "";
    setShown(null);
  };
  return { shown, show, hide };
}
