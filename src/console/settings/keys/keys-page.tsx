/** The API keys of the organization: made, recognised and revoked. */
import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { usePages } from '../../api/use-pages.ts';
import { useViewer } from '../../api/viewer.tsx';
import type { ApiKeysQuery } from '../../generated/graphql.ts';
import { Confirm } from '../../ui/forms/confirm.tsx';
import { Notice } from '../../ui/notice.tsx';
import { formatCount } from '../../ui/figures/format.ts';
import { PageList } from '../../ui/tables/page-list.tsx';
import type { Column } from '../../ui/tables/table.tsx';
import { Text } from '../../ui/text/text.tsx';
import { Time } from '../../ui/time.tsx';
import { visibleLine } from '../../ui/visible.ts';
import { Scopes } from '../scope-choices.tsx';
import '../settings.css';
import { API_KEYS, REVOKE_API_KEY } from './documents.ts';
import { NewKeyDialog } from './new-key-dialog.tsx';

type Key = ApiKeysQuery['apiKeysConnection']['nodes'][number];

export function KeysPage() {
  const pages = usePages(API_KEYS, {}, (data) => data.apiKeysConnection);
  const [isMaking, setMaking] = useState(false);
  const [ending, setEnding] = useState<Key | null>(null);
  const revocation = useChange(REVOKE_API_KEY);
  const revoke = async ({ id }: Key): Promise<void> => {
    if (!(await revocation.send({ id }))) return;
    setEnding(null);
    pages.reload();
  };
  return (
    <>
      <div className="page-head">
        <h1>API keys</h1>
        <button type="button" className="primary" onClick={() => setMaking(true)}>
          New API key
        </button>
      </div>
      <PageList
        what="The API keys"
        pages={pages}
        columns={[
          ...COLUMNS,
          { name: 'Action', kind: 'action', cell: (key) => <Revoke apiKey={key} onEnd={() => setEnding(key)} /> },
        ]}
        empty={<Notice title="There are no API keys">Each service that calls the API gets one of its own.</Notice>}
      />
      {isMaking && <NewKeyDialog onClose={() => setMaking(false)} onMade={pages.reload} />}
      {ending && (
        <Confirm
          title={`Revoke ${visibleLine(ending.name)}?`}
          action="Revoke the API key"
          change={revocation}
          onConfirm={() => void revoke(ending)}
          onClose={() => {
            revocation.reset();
            setEnding(null);
          }}
        >
          <p>
            Within 5 seconds it is refused everywhere, and the portal sessions that it made end. That cannot be undone.
            API keys that it made stay.
          </p>
        </Confirm>
      )}
    </>
  );
}

const COLUMNS: readonly Column<Key>[] = [
  { name: 'Name', kind: 'head', cell: (key) => <Name apiKey={key} /> },
  { name: 'May', className: 'across', cell: ({ scopes }) => <Scopes scopes={scopes} /> },
  {
    name: 'Limit',
    cell: ({ rateLimitPerMinute: most }) => (most === null ? 'none' : `${formatCount(most)} a minute`),
  },
  { name: 'Last used', cell: ({ lastUsedAt }) => (lastUsedAt == null ? 'never' : <Time at={lastUsedAt} />) },
  { name: 'State', cell: (key) => <State apiKey={key} /> },
];

type KeyProps = { readonly apiKey: Key };

function Name({ apiKey: { id, name, prefix, publicKey } }: KeyProps) {
  const isOwn = useViewer().apiKey.id === id;
  return (
    <>
      <Text value={name} />
      {isOwn && ' (yours)'}
      <small>
        <code>{prefix}…</code>
        {publicKey != null && ' · signed changes'}
      </small>
    </>
  );
}

const State = ({ apiKey: { createdAt, expiresAt, revokedAt } }: KeyProps) =>
  revokedAt != null ? (
    <>
      Revoked <Time at={revokedAt} />
    </>
  ) : (
    <>
      Made <Time at={createdAt} />
      <small>
        {expiresAt == null ? (
          'does not expire'
        ) : (
          <>
            ends <Time at={expiresAt} />
          </>
        )}
      </small>
    </>
  );

const Revoke = ({ apiKey: { name, revokedAt }, onEnd }: KeyProps & { readonly onEnd: () => void }) =>
  revokedAt == null && (
    <button type="button" className="danger" onClick={onEnd} aria-label={`Revoke ${visibleLine(name)}`}>
      Revoke
    </button>
  );
