/** What can be read this once: a secret, an API key, or an address that holds one. */
import type { ReactNode } from 'react';
import { Copied } from './copied.tsx';

type Props = {
  readonly what: string;
  readonly text: string;
  /** What it is for. */
  readonly words?: string;
  /** Below it: how to go on. */
  readonly children: ReactNode;
};

export const ShownOnce = ({ what, text, words, children }: Props) => (
  <section aria-label={what}>
    <p>
      <strong>Store it now. Nobody can read it again.</strong> {words}
    </p>
    <Copied text={text} what={what} />
    {children}
  </section>
);
