/** Times in the zone of the reader; the title says them in UTC. */
import { useSyncExternalStore } from 'react';
import { formatSeconds } from './figures/format.ts';

const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

/** Where it must take two lines, the date and the time do, and not the AM or PM of the time. */
const writeTime = (at: string): string =>
  FORMAT.formatToParts(new Date(at))
    .map(({ value }, nth, parts) => (parts[nth + 1]?.type === 'dayPeriod' ? '\u00a0' : value))
    .join('');

/** With milliseconds: what happened first is told within a second. */
const inUtc = (at: string): string => `${at.slice(0, 23).replace('T', ' ')} UTC`;

export const Time = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={inUtc(at)} className="number">
    {writeTime(at)}
  </time>
);

type CountdownProps = {
  readonly to: string;
  /** What is said when it is over. */
  readonly over?: string;
};

/** How long it is until then, counting down. */
export function Countdown({ to, over = 'now' }: CountdownProps) {
  const left = Math.max(0, Math.ceil((Date.parse(to) - useNow()) / 1_000));
  return (
    <time
      dateTime={to}
      title={inUtc(to)}
      className="number"
    >{`${left === 0 ? over : `in ${formatSeconds(left)}`}`}</time>
  );
}

/** One clock for all countdowns of the page: they step together, and one timer runs. */
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time of the page's last second. While nothing counts down, the clock stands, so a reading older than a second is renewed. */
function readClock(): number {
  const current = Date.now();
  if (Math.abs(current - now) > 1_500) now = current;
  return now;
}

const useNow = (): number => useSyncExternalStore(subscribe, readClock);
