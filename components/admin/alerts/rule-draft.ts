import type { AlertMetric, AlertRule, AlertRuleInput } from "@/lib/contracts/alerts.admin";

/** How a rule of each kind begins, and what its threshold is counted in. */
export const metricDefaults: Record<AlertMetric, { threshold: number; window: number; least: number; unit: string }> = {
  error_rate: { threshold: 5, window: 5, least: 20, unit: "%" },
  p95: { threshold: 500, window: 5, least: 20, unit: "ms" },
  p99: { threshold: 1_000, window: 5, least: 20, unit: "ms" },
  limited: { threshold: 20, window: 15, least: 50, unit: "%" },
  silence: { threshold: 1, window: 15, least: 0, unit: "calls" },
};

/** Whose calls are looked at, as one choice: `api`, `console`, or `model:` and a slug. */
export function placeOf({ surface, model }: Pick<AlertRule, "surface" | "model">): string {
  return model === null ? surface : `model:${model}`;
}

function readPlace(place: string): Pick<AlertRuleInput, "surface" | "model"> {
  if (place.startsWith("model:")) return { surface: "api", model: place.slice("model:".length) };
  return { surface: place === "console" ? "console" : "api", model: null };
}

const metrics: readonly string[] = Object.keys(metricDefaults);
const isMetric = (text: string): text is AlertMetric => metrics.includes(text);

function readMails(values: FormData): string[] | null {
  const kind = String(values.get("mails") ?? "team");
  if (kind === "team") return null;
  if (kind === "nobody") return [];
  return String(values.get("mail_to") ?? "").split(/[\s,;]+/).filter((address) => address !== "");
}

const readNumber = (values: FormData, name: string) => {
  const text = String(values.get(name) ?? "").trim().replaceAll(/[\s,](?=\d{3}\b)/g, "");
  return text === "" ? Number.NaN : Number(text);
};

/** What the form says, also where it is not complete. */
export function readDraft(values: FormData, enabled: boolean): AlertRuleInput {
  const metric = String(values.get("metric") ?? "");
  const known = isMetric(metric) ? metric : "error_rate";
  return {
    name: String(values.get("name") ?? "").trim(),
    metric: known,
    ...readPlace(String(values.get("place") ?? "api")),
    threshold: readNumber(values, "threshold"),
    window_minutes: readNumber(values, "window_minutes"),
    min_calls: known === "silence" ? 0 : readNumber(values, "min_calls"),
    enabled,
    mail_to: readMails(values),
  };
}

/** What is wrong with each field before it is sent. */
export function checkDraft(draft: AlertRuleInput): Record<string, string | undefined> {
  const { name, threshold, window_minutes, min_calls, mail_to } = draft;
  return {
    name: name === "" ? "is missing" : undefined,
    threshold: threshold > 0 ? undefined : "must be a number above 0",
    window_minutes: Number.isInteger(window_minutes) && window_minutes >= 1 && window_minutes <= 60 ? undefined : "must be 1 to 60",
    min_calls: Number.isInteger(min_calls) && min_calls >= 0 ? undefined : "must be a whole number",
    mail_to: mail_to?.some((address) => !/^\S+@\S+\.\S+$/.test(address)) ? "takes email addresses with commas between" : undefined,
  };
}
