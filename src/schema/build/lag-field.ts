/** How late a subscriber gets a change: the field `lagMs` of every stream. */

/** The largest Int: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** The server calls it again whenever the change is sent: subscribers share what is resolved, and it is resolved ahead. */
export const lagMsOf = ({ occurredAt }: { readonly occurredAt: Date }, now: Date): number =>
  Math.min(Math.max(0, now.getTime() - occurredAt.getTime()), LONGEST_MS);

export const LAG_FIELD = {
  description:
    'How old the change was when the service sent it, in whole milliseconds by the clocks of the service; 0 at least, ' +
    '2,147,483,647 (24 days) at most. A ' +
    'page is live while it is small, and behind while it is not: under load, after a reconnect, or because the client ' +
    'reads slowly. 5,000 is a good limit between the two.',
  extensions: { whenSent: lagMsOf },
};
