"use client";

import { useCallback, useState } from "react";

/**
 * The token of a mailed link, and a way to forget it: once used it also leaves the address bar, so that it is neither in the history of
 * the browser nor in a copied address.
 */
export function useLinkToken(given: string | null) {
  const [token, setToken] = useState(given);
  const forget = useCallback(() => {
    setToken(null);
    window.history.replaceState(null, "", window.location.pathname);
  }, []);
  return { token, forget };
}
