/** What stands in the preview's form: what somebody chose, and for everything else what the schema says at this moment. */
import type { FormValue, FormValues } from "@/lib/case-url";
import type { InputField, ModelSchema } from "@/lib/contracts/model-schema";

/** What stands in a field nobody has filled in: its default, or something that the model takes. */
function startValue(field: InputField): FormValue {
  if (field.type === "image") return "";
  if (field.default !== undefined) return String(field.default);
  if (field.type === "category") return String(field.categories[0]?.value ?? "");
  if (field.type === "text") return "";
  const middle = ((field.min ?? 0) + (field.max ?? field.min ?? 0)) / 2;
  return String(field.type === "integer" ? Math.round(middle) : middle);
}

/** A row as the form holds it; what it does not have, or has as something else than a value, is left out. */
export function pickValues({ inputs }: Pick<ModelSchema, "inputs">, row: Record<string, unknown>): FormValues {
  const chosen = inputs.flatMap(({ name }): [string, FormValue][] => {
    const raw = row[name];
    if (Array.isArray(raw) && raw.every((pixel) => typeof pixel === "number")) return [[name, raw]];
    return typeof raw === "number" || typeof raw === "string" ? [[name, String(raw)]] : [];
  });
  return Object.fromEntries(chosen);
}

/** The whole form: fields that nobody has chosen a value for follow the schema's defaults and bounds as they are edited. */
export function fillValues({ inputs }: Pick<ModelSchema, "inputs">, chosen: FormValues): FormValues {
  return Object.fromEntries(inputs.map((field) => [field.name, chosen[field.name] ?? startValue(field)]));
}
