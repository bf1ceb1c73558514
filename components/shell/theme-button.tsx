"use client";

import { useState } from "react";
import { Icon } from "@/components/ui/icon";

const YEAR_SECONDS = 31_536_000;

type Theme = "light" | "dark";

/** Switches between light and dark at once, and keeps the choice in a cookie so that the server's first paint has it too. */
export function ThemeButton({ chosen }: { chosen: Theme | undefined }) {
  const [theme, setTheme] = useState(chosen);
  const toggle = () => {
    const shown = theme ?? (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    const next: Theme = shown === "dark" ? "light" : "dark";
    document.documentElement.dataset["theme"] = next;
    document.cookie = `theme=${next}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`;
    setTheme(next);
  };
  return (
    <button type="button" className="btn btn-quiet btn-icon" onClick={toggle} aria-label="Switch between light and dark">
      <span className="dark-hidden">
        <Icon name="moon" />
      </span>
      <span className="dark-only">
        <Icon name="sun" />
      </span>
    </button>
  );
}
