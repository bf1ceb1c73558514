import type { ReactNode } from "react";

interface SubmitButtonProps {
  busy: boolean;
  /** `careful` is for what cannot be taken back. */
  look?: "main" | "plain" | "careful";
  wide?: boolean;
  children: ReactNode;
}

const looks = { main: "btn-main", plain: "", careful: "btn-careful" };

/** Sends its form. While that runs it keeps its size, its words and the focus, and shows that it is busy. */
export function SubmitButton({ busy, look = "main", wide = false, children }: SubmitButtonProps) {
  return (
    <button type="submit" className={`btn btn-submit ${looks[look]} ${wide ? "w-full" : ""}`} aria-disabled={busy || undefined} aria-busy={busy}>
      {busy && <span className="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}
