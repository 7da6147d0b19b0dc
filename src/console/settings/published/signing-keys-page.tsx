/** The keys that sign what targets receive, and where they are in their rotation. */
import { useQuery } from '../../api/use-query.ts';
import { graphql } from '../../generated/gql.ts';
import type { SigningKeysQuery } from '../../generated/graphql.ts';
import { Copied } from '../../ui/text/copied.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Time } from '../../ui/time.tsx';
import '../settings.css';

const SIGNING_KEYS = graphql(`
  query SigningKeys {
    signingKeys {
      id
      active
      activeFrom
      activeUntil
      expiresAt
      publicKeyHex
    }
  }
`);

const NOTHING = {};

type Key = SigningKeysQuery['signingKeys'][number];

export function SigningKeysPage() {
  const { data, error, reload } = useQuery(SIGNING_KEYS, NOTHING);
  return (
    <>
      <div className="page-head">
        <h1>Signing keys</h1>
      </div>
      <p className="soft">
        Each request to a target is signed with them. Receivers read the public keys at{' '}
        <a href="/.well-known/jwks.json">/.well-known/jwks.json</a>, and trust all that are listed there.
      </p>
      {data ? (
        <ul className="cards">
          {data.signingKeys.map((key) => (
            <SigningKey key={key.id} signingKey={key} />
          ))}
        </ul>
      ) : error ? (
        <Failure what="The signing keys" error={error} onRetry={reload} />
      ) : (
        <Skeleton rows={3} />
      )}
    </>
  );
}

function SigningKey({
  signingKey: { id, active, activeFrom, activeUntil, expiresAt, publicKeyHex },
}: {
  readonly signingKey: Key;
}) {
  const isNext = !active && Date.parse(activeFrom) > Date.now();
  return (
    <li className="card">
      <h2>{active ? 'Signs now' : isNext ? 'Signs next' : 'Being retired'}</h2>
      <p>
        {isNext ? 'Signs from ' : 'Has signed since '}
        <Time at={activeFrom} />
        {activeUntil != null && (
          <>
            , until <Time at={activeUntil} />
          </>
        )}
        .{' '}
        {expiresAt != null ? (
          <>
            Its signature stands beside the others until <Time at={expiresAt} />.
          </>
        ) : (
          active && 'No rotation is planned.'
        )}
      </p>
      <dl className="key-parts">
        <dt>Id, as kid in the list</dt>
        <dd>
          <Copied text={id} what="the id of the key" />
        </dd>
        <dt>Public key, in hex</dt>
        <dd>
          <Copied text={publicKeyHex} what="the public key" />
        </dd>
      </dl>
    </li>
  );
}
