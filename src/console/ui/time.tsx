/** Times in the zone of the reader; the title says them in UTC. */
import { useEffect, useState } from 'react';

const FORMAT = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

export const Time = ({ at }: { readonly at: string }) => (
  <time dateTime={at} title={`${at.slice(0, 19).replace('T', ' ')} UTC`}>
    {FORMAT.format(new Date(at))}
  </time>
);

/** How long it is until then, counting down. */
export function Countdown({ to }: { readonly to: string }) {
  const [now, setNow] = useState(() => Date.now());
  const left = Math.max(0, Math.ceil((Date.parse(to) - now) / 1_000));
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span title={`at ${to.slice(0, 19).replace('T', ' ')} UTC`}>{left === 0 ? 'now' : `in ${inWords(left)}`}</span>
  );
}

function inWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
