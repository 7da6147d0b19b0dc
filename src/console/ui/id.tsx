import { useState } from 'react';

/** An id in a fixed-width face, with a button that copies it. */
export function Id({ id }: { readonly id: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(id);
    setCopied(true);
  };
  return (
    <span className="id">
      <code title={id}>{id}</code>
      <button type="button" className="quiet" onClick={() => void copy()} onBlur={() => setCopied(false)}>
        <span aria-hidden="true">{isCopied ? '✓' : 'Copy'}</span>
        <span className="hidden">{isCopied ? 'Copied' : `Copy ${id}`}</span>
      </button>
    </span>
  );
}
