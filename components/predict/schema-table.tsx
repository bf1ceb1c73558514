import { ScrollRegion } from "@/components/ui/scroll-region";
import type { InputField } from "@/lib/contracts/model-schema";
import { formatNumber } from "@/lib/format";

/** How many values of a category are written out. */
const SHOWN_CATEGORIES = 6;

function describeRange(field: InputField): string {
  if (field.type === "category") {
    const shown = field.categories.slice(0, SHOWN_CATEGORIES).map((category) => JSON.stringify(category.value));
    const more = field.categories.length - shown.length;
    return `${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  }
  if (field.type === "text") return `${formatNumber(field.minLength)} to ${formatNumber(field.maxLength)} characters`;
  if (field.type === "image") return `${field.width * field.height} whole numbers 0 to 255, or a PNG of ${field.width} × ${field.height} as a data URL`;
  const { min, max, unit } = field;
  if (min === undefined || max === undefined) return unit ?? "";
  return `trained on ${formatNumber(min, 6)} to ${formatNumber(max, 6)}${unit ? ` ${unit}` : ""}`;
}

function describeDefault(field: InputField): string {
  if (field.type === "image" || field.default === undefined) return field.required ? "required" : "";
  return field.type === "text" ? "a sample text" : JSON.stringify(field.default);
}

/** Every field of a model: its name in JSON, what it takes, and what stands in when it is left out. */
export function SchemaTable({ fields }: { fields: InputField[] }) {
  return (
    <ScrollRegion label="Inputs">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Field</th>
            <th scope="col">Type</th>
            <th scope="col">Takes</th>
            <th scope="col">If left out</th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <th scope="row">
                <code className="whitespace-nowrap">{field.name}</code>
                <span className="help block font-normal">{field.label}</span>
              </th>
              <td className="whitespace-nowrap">{field.type}</td>
              <td className="text-ink-2">{describeRange(field)}</td>
              <td>{describeDefault(field)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
