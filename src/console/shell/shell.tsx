/** What is around every page: where one is, and whose data it is. */
import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { useViewer } from '../api/viewer.tsx';
import { Text } from '../ui/text/text.tsx';
import { Navigation } from './navigation.tsx';

type Props = {
  /** What the header has beside the name of the organization. On a narrow screen it belongs to the menu. */
  readonly tools?: ReactNode;
  /** Above the page: what somebody must know of all pages. */
  readonly banner?: ReactNode;
  readonly children: ReactNode;
};

export function Shell({ tools, banner, children }: Props) {
  const { organization } = useViewer();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="shell" data-menu={isOpen ? 'open' : 'closed'}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header>
        <Link href="/" className="brand">
          Webhooks
        </Link>
        <span className="whose" title={organization.id}>
          <Text value={organization.name} />
        </span>
        <button type="button" className="menu" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Menu
        </button>
        {tools && <div className="tools">{tools}</div>}
      </header>
      {banner}
      <div className="columns">
        <Navigation onLeave={() => setOpen(false)} />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}
