import { plural } from '../../ui/figures/format.ts';
import { Time } from '../../ui/time.tsx';

const DAY_MS = 86_400_000;
/** From then on the service warns of it too. */
const SOON_DAYS = 30;

/** When a certificate ends, and in how many days. */
export function Expiry({ at, now = Date.now() }: { readonly at: string; readonly now?: number }) {
  const days = Math.floor((Date.parse(at) - now) / DAY_MS);
  const [state, words] =
    days < 0
      ? ['bad', 'has expired']
      : days < SOON_DAYS
        ? ['warn', `expires in ${plural(days, 'day')}`]
        : ['good', 'expires'];
  return (
    <span className="expiry" data-state={state}>
      {words} (<Time at={at} />)
    </span>
  );
}
