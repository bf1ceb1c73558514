const YEAR_SECONDS = 31_536_000;

/** Switches between light and dark at once, and keeps the choice in a cookie so that the server's first paint has it too. */
export function switchTheme(): void {
  const { dataset } = document.documentElement;
  const shown = dataset["theme"] ?? (window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const next = shown === "dark" ? "light" : "dark";
  dataset["theme"] = next;
  document.cookie = `theme=${next}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax`;
}
