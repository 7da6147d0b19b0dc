/** The API keys of the organization: made, recognised and revoked. */
import { useState } from 'react';
import { useChange } from '../../api/use-change.ts';
import { usePages } from '../../api/use-pages.ts';
import { useViewer } from '../../api/viewer.tsx';
import type { ApiKeysQuery } from '../../generated/graphql.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { Notice } from '../../ui/notice.tsx';
import { PageList } from '../../ui/page-list.tsx';
import { Text } from '../../ui/text.tsx';
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
        columns={['Name', 'May', 'Limit', 'Last used', 'State', 'Action']}
        row={(key) => <Row key={key.id} apiKey={key} onEnd={() => setEnding(key)} />}
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

function Row({ apiKey, onEnd }: { readonly apiKey: Key; readonly onEnd: () => void }) {
  const { id, name, prefix, scopes, rateLimitPerMinute, publicKey, createdAt, expiresAt, lastUsedAt, revokedAt } =
    apiKey;
  const isOwn = useViewer().apiKey.id === id;
  return (
    <tr>
      <th scope="row">
        <Text value={name} />
        {isOwn && ' (yours)'}
        <small>
          <code>{prefix}…</code>
          {publicKey != null && ' · signed changes'}
        </small>
      </th>
      <td>
        <Scopes scopes={scopes} />
      </td>
      <td>{rateLimitPerMinute === null ? 'none' : `${rateLimitPerMinute} a minute`}</td>
      <td>{lastUsedAt == null ? 'never' : <Time at={lastUsedAt} />}</td>
      <td>
        {revokedAt != null ? (
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
        )}
      </td>
      <td>
        {revokedAt == null && (
          <button type="button" className="danger" onClick={onEnd} aria-label={`Revoke ${visibleLine(name)}`}>
            Revoke
          </button>
        )}
      </td>
    </tr>
  );
}
