import "server-only";

export type Labels = Record<string, string | number | null>;

export interface Sample {
  /** Behind the name of the family: `_bucket`, `_count`. */
  suffix?: string;
  labels: Labels;
  value: number;
}

/** One metric with everything that is known of it. */
export interface Family {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  samples: Sample[];
}

/** As the text format escapes them: backslash, quote, new line. */
const escapeLabel = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function writeFamily({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ suffix = "", labels, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text === null ? "" : String(text))}"`);
    return `${name}${suffix}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join("\n");
}

/** What a scraper is told its answer is. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Families in the text format of Prometheus, version 0.0.4. */
export function writeFamilies(families: readonly Family[]): string {
  return `${families.map(writeFamily).join("\n")}\n`;
}
