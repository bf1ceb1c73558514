"use client";

import { useCallback, useState } from "react";

/**
 * The token of a mailed link. Once used it leaves the address bar (`hide`), so that it is neither in the history of the browser nor in a
 * copied address, and where the page stays, the page too (`forget`).
 */
export function useLinkToken(given: string | null) {
  const [token, setToken] = useState(given);
  const hide = useCallback(() => window.history.replaceState(null, "", window.location.pathname), []);
  const forget = useCallback(() => {
    setToken(null);
    hide();
  }, [hide]);
  return { token, forget, hide };
}
