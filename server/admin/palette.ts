import "server-only";
import { paletteAnswer, paletteInput, type PaletteItem } from "@/lib/contracts/palette.admin";
import { requestsHref } from "@/lib/requests-address.admin";
import { readPart } from "@/server/admin/overview-joins";
import { createConsoleRouter, viewerProcedure } from "@/server/admin/procedures";
import { listCustomers } from "@/server/modules/accounts/search.admin";
import { listModelsForConsole } from "@/server/modules/catalog/console.admin";
import { listOperators } from "@/server/modules/operators/service.admin";
import { listDrafts } from "@/server/modules/uploads/service.admin";

const MOST_EACH = 6;

function has(query: string, ...texts: string[]): boolean {
  const wanted = query.toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

/** Models, and the way back of those that have one: it is looked for when something burns. */
async function findModels(query: string): Promise<PaletteItem[]> {
  const { items } = await listModelsForConsole({ q: query, limit: MOST_EACH });
  const href = (slug: string) => `/admin/models/${encodeURIComponent(slug)}`;
  const models = items.map(({ slug, name }): PaletteItem => ({ kind: "model", title: name, detail: slug, href: href(slug) }));
  const backs = items.flatMap(({ slug, name, release }): PaletteItem[] => {
    const { roll_back_to: to } = release;
    return to === null ? [] : [{ kind: "act", title: `Roll back ${name} to version ${to}`, detail: slug, href: href(slug) }];
  });
  return [...models, ...backs];
}

/** Drafts on their way; what is published is found as its model. */
async function findDrafts(query: string): Promise<PaletteItem[]> {
  const { items } = await listDrafts();
  const fitting = items.filter(({ id, slug, file, published_as }) => published_as === null && has(query, id, slug, file.filename)).slice(0, MOST_EACH);
  return fitting.map(({ id, slug, file }) => ({ kind: "draft", title: slug, detail: file.filename, href: `/admin/models/drafts/${id}` }));
}

/** Customers by what their list finds them by: an address, a name, an id, a key. */
async function findCustomers(query: string): Promise<PaletteItem[]> {
  const { items } = await listCustomers({ search: query, near_limit: false, limit: MOST_EACH });
  return items.map(({ id, name, email }) => ({ kind: "customer", title: email, detail: name, href: `/admin/customers/${id}` }));
}

async function findOperators(query: string): Promise<PaletteItem[]> {
  const fitting = (await listOperators()).filter(({ name, email }) => has(query, name, email)).slice(0, MOST_EACH);
  return fitting.map(({ name, email }) => ({ kind: "operator", title: name, detail: email, href: "/admin/team" }));
}

/** A call by its id, without asking whether there is one: its page tells. */
function findRequest(query: string): PaletteItem[] {
  if (!/^req_[A-Za-z0-9_-]{4,60}$/.test(query)) return [];
  return [{ kind: "request", title: query, detail: "Request", href: requestsHref({ request_id: query }) }];
}

/** What the command palette goes to. */
export const paletteRouter = createConsoleRouter({
  search: viewerProcedure.input(paletteInput).output(paletteAnswer).query(async ({ input: { query } }) => {
    if (query === "") return { items: [] };
    const read = async (name: string, find: (query: string) => Promise<PaletteItem[]>) => readPart(name, [], [], () => find(query));
    // Each by itself: what fails is the very thing somebody may be on the way to.
    const found = await Promise.all([
      read("models", findModels),
      read("customers", findCustomers),
      read("drafts", findDrafts),
      read("operators", findOperators),
    ]);
    return { items: [...findRequest(query), ...found.flat()] };
  }),
});
