import { Pixels } from "@/components/charts/pixels";
import type { InputView } from "@/lib/history-view";

/** A value that was sent: a picture as one, text as it was written, everything else by its label and unit. */
export function InputValue({ input }: { input: InputView }) {
  const { value, image, text, label, long } = input;
  if (image && Array.isArray(value)) return <Pixels ink={value} width={image.width} height={image.height} label={label} size={112} />;
  return <span className={long ? "block whitespace-pre-wrap" : ""}>{text}</span>;
}
