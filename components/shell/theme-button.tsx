"use client";

import { switchTheme } from "@/components/shell/switch-theme";
import { Icon } from "@/components/ui/icon";

/** What a switch of the theme would bring, as a picture. */
export function ThemeIcon() {
  return (
    <>
      <span className="dark-hidden">
        <Icon name="moon" />
      </span>
      <span className="dark-only">
        <Icon name="sun" />
      </span>
    </>
  );
}

/** Switches between light and dark. */
export function ThemeButton() {
  return (
    <button type="button" className="btn btn-quiet btn-icon" onClick={switchTheme} aria-label="Switch between light and dark">
      <ThemeIcon />
    </button>
  );
}
