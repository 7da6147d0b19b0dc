/** What the stream of events may read, however much there is; see checks.ts. */
import { ORIGIN } from '../../src/live/cursors/cursor.ts';
import { BATCH_CHANGES } from '../../src/live/history.ts';
import type { Check } from './checks.ts';

const STREAM = 'event_changes by event_changes_pkey';
const OF_ORGANIZATION = 'event_changes by event_changes_organization_id_xid_seq_idx';
const EVENT_ID = 'events by events_pkey';
const END = { xid: 2n ** 62n, seq: 0n };

export const EVENT_STREAM_READS: readonly Check[] = [
  {
    name: 'event stream: the tail',
    reads: [STREAM],
    run: async ({ eventHistory }) => eventHistory.readAfter((await eventHistory.latest(1)).before, BATCH_CHANGES),
  },
  ...[
    ['of one customer', { customerId: 'none' }],
    ['of one type', { eventType: ['none'] }],
  ].map(([name, filter]): Check => ({
    name: `event stream: a page ${name as string}`,
    reads: [OF_ORGANIZATION, STREAM],
    pages: 5_000,
    run: ({ eventHistory, small }) =>
      eventHistory.readPage({ organizationId: small.id, ...(filter as object) }, ORIGIN, END),
  })),
  {
    name: 'event stream: the cursor of two weeks ago',
    reads: [OF_ORGANIZATION, STREAM],
    run: (world) => world.cursorOfEvents(14),
  },
  {
    name: 'event stream: adopting the events of a day',
    reads: [EVENT_ID, STREAM],
    pages: 60_000,
    run: (world) => world.adoptEvents(),
  },
];
