import type { ControlProps } from "@/components/predict/field";
import type { CategoryField } from "@/lib/contracts/model-schema";

/** Up to three choices whose labels fit side by side are shown at once; more go into a list. */
const MAX_SEGMENTS = 3;
const MAX_CHARACTERS = 36;
const LONGEST_LABEL = 16;
/** What fits into half a row. */
const HALF_CHARACTERS = 22;

const countCharacters = ({ categories }: CategoryField) => categories.reduce((sum, category) => sum + category.label.length, 0);

export function isShortChoice(field: CategoryField): boolean {
  const fits = field.categories.every((category) => category.label.length <= LONGEST_LABEL);
  return fits && field.categories.length <= MAX_SEGMENTS && countCharacters(field) <= MAX_CHARACTERS;
}

/** Whether the segments of a short choice need a whole row. */
export function isWideChoice(field: CategoryField): boolean {
  return isShortChoice(field) && countCharacters(field) > HALF_CHARACTERS;
}

/** A category: segments for a few short choices, the platform's own list (which can be searched by typing) for more. */
export function ChoiceField({ field, id, name, value, invalid, describedBy, onChange }: ControlProps<CategoryField>) {
  if (!isShortChoice(field)) {
    return (
      <div className="input !pr-1" data-invalid={invalid}>
        <select id={id} name={name} value={String(value)} aria-invalid={invalid} aria-describedby={describedBy} onChange={(event) => onChange(event.target.value)}>
          {field.categories.map((category) => (
            <option key={category.value} value={category.value}>
              {category.label}
            </option>
          ))}
        </select>
      </div>
    );
  }
  return (
    <div className="segmented" role="radiogroup" aria-labelledby={`${id}-label`} aria-describedby={describedBy}>
      {field.categories.map((category) => (
        <label key={category.value}>
          <input
            type="radio"
            name={name}
            value={category.value}
            checked={String(value) === String(category.value)}
            onChange={() => onChange(String(category.value))}
          />
          {category.label}
        </label>
      ))}
    </div>
  );
}
