"use client";

import { type DragEvent, useEffect, useEffectEvent, useId, useRef, useState } from "react";
import { Icon } from "@/components/ui/icon";
import { formatBytes } from "@/lib/format";

interface DropZoneProps {
  file: File | null;
  error: string | null;
  /** What may be chosen, in words. */
  help: string;
  disabled: boolean;
  onChoose: (file: File) => void;
}

function Chosen({ file }: { file: File | null }) {
  return (
    <>
      <Icon name={file ? "layers" : "upload"} size={20} />
      <span className="min-w-0">
        <b className="block font-[550] break-all">{file ? file.name : "Drop a file here, or choose one"}</b>
        <span className="help">
          {file ? `${formatBytes(file.size)}. Press or drop to choose another one.` : "An ONNX model, such as skl2onnx, PyTorch or Keras write it"}
        </span>
      </span>
    </>
  );
}

/** Takes the first of the files that are dropped or chosen; `over` while something is held above. */
function useDrop(disabled: boolean, onChoose: (file: File) => void) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null) => {
    const [first] = files ?? [];
    if (first) onChoose(first);
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    if (!disabled) take(event.dataTransfer.files);
  };
  const onDragOver = (event: DragEvent) => {
    event.preventDefault();
    setOver(!disabled);
  };
  return { over, take, handlers: { onDrop, onDragOver, onDragLeave: () => setOver(false) } };
}

/** A file, dropped here or chosen with the browser's own dialog. */
export function DropZone({ file, error, help, disabled, onChoose }: DropZoneProps) {
  const id = useId();
  const { over, take, handlers } = useDrop(disabled, onChoose);
  const input = useRef<HTMLInputElement>(null);
  // A file that was chosen before the scripts ran told nobody.
  const takeEarly = useEffectEvent(() => take(input.current?.files ?? null));
  useEffect(() => takeEarly(), []);
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        Model file
      </label>
      <label className="drop-zone" data-over={over} data-invalid={error !== null} {...handlers}>
        <input
          ref={input}
          id={id}
          type="file"
          className="sr-only"
          disabled={disabled}
          aria-invalid={error !== null}
          aria-describedby={`${id}-help${error === null ? "" : ` ${id}-error`}`}
          onChange={(event) => take(event.target.files)}
        />
        <Chosen file={file} />
      </label>
      {error !== null && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="alert" size={14} />
          {error}
        </p>
      )}
      <p className="help" id={`${id}-help`}>
        {help}
      </p>
    </div>
  );
}
