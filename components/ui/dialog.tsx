"use client";

import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from "react";

interface DialogProps {
  open: boolean;
  title: string;
  /** Asked for by Escape and by whatever closes the dialog from inside. */
  onClose: () => void;
  children: ReactNode;
  /** For what needs room, such as a key that is shown once. */
  wide?: boolean;
}

/**
 * A dialog over the page, on the browser's own element: the page behind it is out of reach, Escape closes it, and the focus goes back to
 * where it came from. Its content exists only while it is open, so every opening starts afresh.
 */
export function Dialog({ open, title, onClose, children, wide = false }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (!dialog || dialog.open === open) return;
    if (open) dialog.showModal();
    else dialog.close();
  }, [open]);
  /** Escape, before the browser closes the dialog by itself: it tells of that later, and a key pressed meanwhile would meet a dialog that is neither. */
  const cancel = (event: SyntheticEvent<HTMLDialogElement>) => {
    // A file dialog inside that was left tells of it in the same words.
    if (event.target !== event.currentTarget) return;
    event.preventDefault();
    onClose();
  };
  /** Where the browser closed it all the same; not where it tells late of a dialog that is open again. */
  const followClose = () => open && !element.current?.open && onClose();
  return (
    <dialog ref={element} className="dialog" data-wide={wide} aria-labelledby={titleId} onCancel={cancel} onClose={followClose}>
      {open && (
        <>
          <h2 id={titleId}>{title}</h2>
          {children}
        </>
      )}
    </dialog>
  );
}
