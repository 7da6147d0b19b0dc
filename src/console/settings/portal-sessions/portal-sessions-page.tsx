/** The portal sessions of the organization. */
import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { usePages } from '../../api/use-pages.ts';
import type { PortalSessionsQuery } from '../../generated/graphql.ts';
import { Id } from '../../ui/text/id.tsx';
import { Confirm } from '../../ui/forms/confirm.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageList } from '../../ui/tables/page-list.tsx';
import type { Column } from '../../ui/tables/table.tsx';
import { Time } from '../../ui/time.tsx';
import { Scopes } from '../scope-choices.tsx';
import '../settings.css';
import { PORTAL_SESSIONS, REVOKE_PORTAL_SESSION } from './documents.ts';
import { NewSessionDialog } from './new-session-dialog.tsx';

type Session = PortalSessionsQuery['portalSessions']['nodes'][number];

export function PortalSessionsPage() {
  const pages = usePages(PORTAL_SESSIONS, {}, (data) => data.portalSessions);
  const [isMaking, setMaking] = useState(false);
  const [ending, setEnding] = useState<Session | null>(null);
  const revocation = useChange(REVOKE_PORTAL_SESSION);
  const revoke = async ({ id }: Session): Promise<void> => {
    if (!(await revocation.send({ id }))) return;
    setEnding(null);
    pages.reload();
  };
  return (
    <>
      <div className="page-head">
        <h1>Portal sessions</h1>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          New portal session
        </button>
      </div>
      <PageList
        what="The portal sessions"
        pages={pages}
        columns={[
          ...COLUMNS,
          {
            name: 'Action',
            kind: 'action',
            cell: (session) => <Revoke session={session} onEnd={() => setEnding(session)} />,
          },
        ]}
        empty={
          <Notice title="There are no portal sessions">
            A session lets your customer see the portal for a while. Your site makes one with createPortalSession and
            shows its address in a frame.
          </Notice>
        }
      />
      {isMaking && <NewSessionDialog onClose={() => setMaking(false)} onMade={pages.reload} />}
      {ending && (
        <Confirm
          title="Revoke this session?"
          action="Revoke the session"
          change={revocation}
          onConfirm={() => void revoke(ending)}
          onClose={() => {
            revocation.reset();
            setEnding(null);
          }}
        >
          <p>Within 5 seconds whoever uses it is shown that their access has ended.</p>
        </Confirm>
      )}
    </>
  );
}

type SessionProps = { readonly session: Session };

const isOver = ({ revokedAt, expiresAt }: Session): boolean => revokedAt != null || Date.parse(expiresAt) <= Date.now();

const COLUMNS: readonly Column<Session>[] = [
  {
    name: 'Session',
    kind: 'head',
    cell: ({ id, createdAt }) => (
      <>
        <Id id={id} />
        <small>
          made <Time at={createdAt} />
        </small>
      </>
    ),
  },
  { name: 'May', className: 'across', cell: ({ scopes }) => <Scopes scopes={scopes} /> },
  {
    name: 'State',
    cell: (session) => (
      <>
        {session.revokedAt != null ? 'Revoked' : isOver(session) ? 'Ended' : 'Ends'}{' '}
        <Time at={session.revokedAt ?? session.expiresAt} />
      </>
    ),
  },
];

const Revoke = ({ session, onEnd }: SessionProps & { readonly onEnd: () => void }) =>
  !isOver(session) && (
    <button type="button" className="danger" onClick={onEnd} aria-label={`Revoke ${session.id}`}>
      Revoke
    </button>
  );
