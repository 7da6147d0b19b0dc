import type { ReactNode } from 'react';

type Props = { readonly title: string; readonly children?: ReactNode; readonly isAlert?: boolean };

/** In place of a list or a page that has nothing to show: what is so, and what to do next. */
export const Notice = ({ title, children, isAlert = false }: Props) => (
  <section className="notice" role={isAlert ? 'alert' : undefined}>
    <h2>{title}</h2>
    {children && <p>{children}</p>}
  </section>
);
