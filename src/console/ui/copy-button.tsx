import { useState } from 'react';
import { copyText } from './copy.ts';

type Props = { readonly text: string; readonly what: string };

/** Copies the text, byte for byte, and says that it did. `what`: what screen readers say is copied. */
export function CopyButton({ text, what }: Props) {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
  };
  return (
    <button type="button" className="quiet copy" onClick={() => void copy()} onBlur={() => setCopied(false)}>
      <span aria-hidden="true">{isCopied ? '✓' : 'Copy'}</span>
      <span className="hidden">{isCopied ? 'Copied' : `Copy ${what}`}</span>
    </button>
  );
}
