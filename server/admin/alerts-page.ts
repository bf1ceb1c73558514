import "server-only";
import type { Alert, AlertPage, AlertRule } from "@/lib/contracts/alerts.admin";
import { consoleCaller } from "@/server/admin/session";
import { isMailConfigured } from "@/server/core/mail";

const SHOWN = 25;
/** How many models a rule can be chosen for from the list. */
const LISTED_MODELS = 100;

export interface AlertsPage {
  active: Alert[];
  rules: AlertRule[];
  history: AlertPage;
  /** The rule that the history is narrowed to. */
  rule: string | undefined;
  models: { slug: string; name: string }[];
  /** Whether alerts can be mailed at all. */
  mails: boolean;
}

/** Everything that the page of alerts shows. @param query of its address; what it says wrongly is as if it were not there */
export async function readAlertsPage(query: { rule: string | undefined; before: string | undefined }): Promise<AlertsPage> {
  const ask = await consoleCaller();
  const [active, rules, models] = await Promise.all([ask.alerts.active(), ask.alerts.rules(), ask.models.list({ limit: LISTED_MODELS })]);
  const rule = query.rule?.slice(0, 60) || undefined;
  const history = await ask.alerts.history({ rule, cursor: query.before?.slice(0, 60) || undefined, limit: SHOWN });
  const listed = models.items.map(({ slug, name }) => ({ slug, name }));
  return { active: active.items, rules: rules.items, history, rule, models: listed, mails: isMailConfigured() };
}
