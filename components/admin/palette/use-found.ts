"use client";

import { useEffect, useState } from "react";
import type { PaletteItem } from "@/lib/contracts/palette.admin";
import { consoleApi } from "@/lib/trpc-client.admin";

const REST_MS = 120;

interface Found {
  query: string;
  items: readonly PaletteItem[];
  failed: boolean;
}

const nothing: Found = { query: "", items: [], failed: false };

/** What the service finds for a query, once the reader rests; what came before stays until then. */
export function useFound(query: string): Found & { pending: boolean } {
  const [found, setFound] = useState<Found>(nothing);
  const wanted = query.trim();
  useEffect(() => {
    if (wanted === "") return;
    const control = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const { items } = await consoleApi.palette.search.query({ query: wanted }, { signal: control.signal });
        setFound({ query: wanted, items, failed: false });
      } catch {
        if (!control.signal.aborted) setFound({ query: wanted, items: [], failed: true });
      }
    }, REST_MS);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [wanted]);
  return wanted === "" ? { ...nothing, pending: false } : { ...found, pending: found.query !== wanted };
}
