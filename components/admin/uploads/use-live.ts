"use client";

import { useEffect, useRef, useState } from "react";
import type { ModelSchema } from "@/lib/contracts/model-schema";
import { consoleApi } from "@/lib/trpc-client.admin";

/** What customers write their calls for now; null where nothing is live. */
export type LiveSchema = { version: number; schema: ModelSchema } | null;

/** The live version of the model that a draft is for; asked for anew when the draft goes to another address. */
export function useLive(slug: string, first: LiveSchema): LiveSchema {
  const [live, setLive] = useState(first);
  const known = useRef(slug);
  useEffect(() => {
    if (known.current === slug) return;
    const ended = new AbortController();
    consoleApi.uploads.live
      .query({ slug }, { signal: ended.signal })
      .then((found) => {
        known.current = slug;
        setLive(found.live);
      })
      .catch(() => undefined);
    return () => ended.abort();
  }, [slug]);
  return live;
}
