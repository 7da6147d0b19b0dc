/** What can be read this once: a key, or an address that holds one. */
import type { ReactNode } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';

type Props = {
  readonly what: string;
  readonly text: string;
  readonly onClose: () => void;
  readonly children?: ReactNode;
};

export const ShownOnce = ({ what, text, onClose, children }: Props) => (
  <section aria-label={what}>
    <p>
      <strong>Store it now. Nobody can read it again.</strong> {children}
    </p>
    <p className="copied">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </p>
    <button type="button" className="primary" onClick={onClose}>
      Done
    </button>
  </section>
);
