/** What of the product this process serves: server/core/served.ts decides it for pages and doors, this file for what lies in front of them. */
const role = () => process.env.ROLE || "all";

/** Whether the console is served here, with its upkeep and its first operator. */
export function servesConsole() {
  return role() === "all" || role() === "admin";
}

/** Whether the customers' API is answered here without Next around it; API_HOST=next leaves it to Next, as Vercel does. */
export function hostsApi() {
  return (role() === "all" || role() === "api") && process.env.API_HOST !== "next";
}

/** Whether there is a page to serve here. */
export function servesPages() {
  return role() !== "api";
}

/** Where a process without the pages of the site may be asked at all: scripts and pictures are files, and no door stands in front of them. */
const ADDRESSES = {
  api: /^\/(api|health)(?![\w-])/,
  admin: /^\/(admin(?![\w-])|_next\/|icon\.svg$|favicon\.ico$)/,
};

/** Tells whether this process has anything at an address as it was sent, files included. */
export function fileRule() {
  const allowed = ADDRESSES[role()];
  return (url) => !allowed || allowed.test(url.replace(/\?.*$/s, ""));
}
