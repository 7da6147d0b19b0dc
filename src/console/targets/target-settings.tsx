/** What a target gets, and how it is sent: as it is saved. */
import { useState } from 'react';
import { plural } from '../ui/figures/format.ts';
import { Fact, Facts } from '../ui/tables/facts.tsx';
import { Text } from '../ui/text/text.tsx';
import { Time } from '../ui/time.tsx';
import { FilterWords } from './filter/filter-words.tsx';
import type { EditedTarget } from './form/draft.ts';
import { VerificationCode } from './secret/secret-shown.tsx';
import { Expiry } from './form/expiry.tsx';
import { AFTER_FAILURE_WORDS, ORDERING_WORDS } from './form/order-words.ts';

export function TargetSettings({ target }: { readonly target: EditedTarget }) {
  const { url, description, customerIds, filter, headers, maxConcurrency, rateLimitPerSecond, clientCertificate } =
    target;
  return (
    <section className="block" aria-labelledby="configuration">
      <h2 id="configuration">Configuration</h2>
      <Facts>
        <Fact name="URL">
          <code className="long">
            <Text value={url} />
          </code>
        </Fact>
        {description !== null && (
          <Fact name="Description">
            <Text value={description} />
          </Fact>
        )}
        <Fact name="Events">
          <Events target={target} />
        </Fact>
        {customerIds.length > 0 && (
          <Fact name="Customers">
            {customerIds.map((id) => (
              <code key={id} className="tag">
                <Text value={id} />
              </code>
            ))}
          </Fact>
        )}
        {filter !== null && (
          <Fact name="Filter">
            <FilterWords filter={filter} />
          </Fact>
        )}
        <Fact name="Signing secret">
          <span>It was shown once, when it was made. Whoever has lost it rotates it.</span>
          <details className="verification">
            <summary>Code that verifies requests</summary>
            <VerificationCode />
          </details>
        </Fact>
        <Fact name="Headers">
          <Headers headers={headers} />
        </Fact>
        <Fact name="Order">
          {ORDERING_WORDS[target.ordering].name}
          <small>{ORDERING_WORDS[target.ordering].meaning}</small>
        </Fact>
        {target.ordering !== 'NONE' && (
          <Fact name="After a failure">
            {AFTER_FAILURE_WORDS[target.afterFailure].name}
            <small>{AFTER_FAILURE_WORDS[target.afterFailure].meaning}</small>
          </Fact>
        )}
        <Fact name="Limits">
          {maxConcurrency === null ? 'No limit of its own' : `${plural(maxConcurrency, 'open request')} at once`},{' '}
          {rateLimitPerSecond === null ? 'no rate limit' : `${plural(rateLimitPerSecond, 'request')} in a second`}
        </Fact>
        <Fact name="Client certificate">
          {clientCertificate ? (
            <>
              <span>
                <Text value={clientCertificate.subject} />, by <Text value={clientCertificate.issuer} />:{' '}
                <Expiry at={clientCertificate.notAfter} />
              </span>
              <small>
                SHA-256 <code className="long">{clientCertificate.fingerprintSha256}</code>
              </small>
            </>
          ) : (
            'None'
          )}
        </Fact>
        <Fact name="Created">
          <Time at={target.createdAt} />
        </Fact>
        <Fact name="Changed">
          <Time at={target.updatedAt} />
        </Fact>
      </Facts>
    </section>
  );
}

function Events({ target: { global, eventTypes } }: { readonly target: EditedTarget }) {
  if (global) return 'Every event type, for every customer (global)';
  if (eventTypes.length === 0) return 'Every event type';
  return eventTypes.map((name) => (
    <code key={name} className="tag">
      <Text value={name} />
    </code>
  ));
}

function Headers({ headers }: Pick<EditedTarget, 'headers'>) {
  const [isShown, setShown] = useState(false);
  if (headers.length === 0) return 'None of its own';
  const hasValues = headers.some(({ value }) => value !== null);
  return (
    <>
      {headers.map(({ name, value }) => (
        <div key={name}>
          <code className="long">
            <Text value={name} />: {isShown && value !== null ? <Text value={value} /> : '••••••••'}
          </code>
        </div>
      ))}
      {hasValues && (
        <button type="button" className="quiet" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
          Show values
        </button>
      )}
    </>
  );
}
