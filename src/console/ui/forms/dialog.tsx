/** A question that must be answered first: the page behind it waits, Escape closes it, and the focus goes back. */
import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';

type Props = { readonly title: string; readonly onClose: () => void; readonly children: ReactNode };

export function Dialog({ title, onClose, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const name = useId();
  // Closed before it leaves the page: then the browser gives the focus back.
  useLayoutEffect(() => {
    const dialog = element.current!;
    if (!dialog.open) dialog.showModal();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      aria-labelledby={name}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return; // Of a dialog or a file input inside: React lets it bubble.
        event.preventDefault();
        onClose();
      }}
    >
      <h2 id={name}>{title}</h2>
      {children}
    </dialog>
  );
}
