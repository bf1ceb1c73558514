/** A call as filled in on the reference: what is wrong with it, how it is sent, and how it reads as curl. */
import { quoteForShell, writeShellKey } from "@/lib/snippets";
import type { OperationView, ParameterView } from "@/lib/openapi-view";

/** What was typed, by the name of the parameter, and the body as text. */
export interface CallForm {
  values: Record<string, string>;
  body: string;
}

export interface CallRequest {
  method: string;
  /** Path and query, without the origin. */
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export function startForm({ parameters, body }: OperationView): CallForm {
  return {
    values: Object.fromEntries(parameters.map(({ name, start }) => [name, start])),
    body: body?.examples[0].json ?? "",
  };
}

/** What keeps a form from being sent, by the parameter's name; `body` is the body's. Empty when it may be sent. */
export function findFaults({ parameters, body }: OperationView, form: CallForm): Map<string, string> {
  const faults = new Map<string, string>();
  for (const { name, required } of parameters) {
    if (required && !form.values[name]) faults.set(name, "This is needed.");
  }
  if (!body) return faults;
  try {
    JSON.parse(form.body);
  } catch (error) {
    faults.set("body", `This is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`);
  }
  return faults;
}

/**
 * The call that a form stands for. What is left empty is left out.
 * @param apiKey goes along where the address takes a key, without what a header cannot hold
 */
export function buildCall({ method, path, parameters, body, key }: OperationView, form: CallForm, apiKey = ""): CallRequest {
  const secret = key === "none" ? "" : apiKey.replaceAll(/[^\x21-\x7e]/g, "");
  const filled = (place: ParameterView["place"]) =>
    parameters.flatMap((one): [string, string][] => {
      const value = form.values[one.name];
      return one.place === place && value ? [[one.name, value]] : [];
    });
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(form.values[name] ?? ""));
  const query = new URLSearchParams(filled("query")).toString();
  return {
    method,
    target: query === "" ? address : `${address}?${query}`,
    headers: {
      ...(secret !== "" && { Authorization: `Bearer ${secret}` }),
      ...(body && { "Content-Type": "application/json" }),
      ...Object.fromEntries(filled("header")),
    },
    body: body && form.body,
  };
}

/** The same call for a POSIX shell, run as pasted. A key is not written down: the shell takes it from VITRINE_KEY. */
export function writeCall({ method, target, headers, body }: CallRequest, origin: string, { key }: Pick<OperationView, "key">): string {
  const needsKey = key === "needed" && headers.Authorization === undefined;
  const implied = body === undefined ? "GET" : "POST";
  const parts = [
    `curl -s ${method === implied ? "" : `-X ${method} `}${quoteForShell(`${origin}${target}`)}`,
    ...(needsKey ? [writeShellKey()] : []),
    ...Object.entries(headers).map(([name, value]) =>
      name === "Authorization" ? writeShellKey() : `-H ${quoteForShell(`${name}: ${value}`)}`,
    ),
    ...(body === undefined ? [] : [`-d ${quoteForShell(body)}`]),
  ];
  return parts.join(" \\\n  ");
}
