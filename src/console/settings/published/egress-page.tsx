/**
 * Where requests to targets come from, for the firewalls of receivers. The service writes it into the page
 * (server/pages/console.ts).
 */
import { Copied } from '../../ui/text/copied.tsx';
import { Notice } from '../../ui/notice.tsx';
import { useIsPortal } from '../../ui/portal/use-is-portal.ts';
import '../settings.css';

const PLACE = '/.well-known/egress.json';

/** Empty: the operator has not said. */
const readAddresses = (): string[] =>
  (document.querySelector<HTMLMetaElement>('meta[name="egress-addresses"]')?.content ?? '').split(' ').filter(Boolean);

export function EgressPage() {
  const addresses = readAddresses();
  const isPortal = useIsPortal();
  return (
    <>
      <div className="page-head">
        <h1>Egress addresses</h1>
      </div>
      {addresses.length === 0 ? (
        <Notice title="The addresses are not fixed">
          Requests to targets may come from any address of the deployment, so check their signatures.
          {!isPortal && ' The operator names fixed addresses with EGRESS_ADDRESSES.'}
        </Notice>
      ) : (
        <>
          <p className="soft">
            Requests to targets come from these addresses, and from no other. Machines read them at{' '}
            <a href={PLACE}>{PLACE}</a>.
          </p>
          <ul className="cards">
            {addresses.map((address) => (
              <li key={address}>
                <Copied text={address} what={address} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
