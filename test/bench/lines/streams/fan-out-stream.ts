/** Changes per second that one process can give to all its subscribers. For information. */
import type { Line } from '../../line.ts';
import { makeHistory } from '../../history.ts';
import { sharedMs } from '../../statistics.ts';
import { createKeys, subscribe } from '../../subscribing.ts';
import { createTargets, eventTypeNames } from '../../targets.ts';
import { WATCH } from '../latency.ts';
import { FULL } from './one-subscriber.ts';

const ROUND_SECONDS = 3;
const MOST_MESSAGES = 120_000;

/** Committed 20 at a time, as a worker settles them. */
const AGAIN = `
  insert into delivery_changes (organization_id, delivery_id, target_id, event_id, event_type, previous_status, status,
    attempt_number, occurred_at)
  select organization_id, id, target_id, event_id, event_type, 'PENDING', 'DELIVERED', 1, now()
  from deliveries where status = 'DELIVERED' order by id offset $1 limit 20`;

const FULL_WATCH = `subscription { deliveryStatusChanged { ${FULL} } }`;

type Kind = Pick<Line, 'name' | 'isLong'> & {
  readonly subscribers: number;
  readonly keys: number;
  readonly query: string;
};

const streamTo = ({ name: line, isLong = false, subscribers: count, keys, query }: Kind): Line => {
  return {
    name: line,
    isLong,
    budget: 'none',
    async run(stage, { isQuick }) {
      const api = await stage.startService({ ROLES: 'api', MAX_API_KEYS: String(2 * keys + 1) }, 'API process');
      const [eventType = ''] = await eventTypeNames(stage.pool, 1);
      const targetIds = await createTargets(api, [{ url: 'http://127.0.0.1:2/', eventTypes: [eventType] }]);
      await makeHistory(stage.pool, { deliveries: 10_000, targetIds, eventType });
      const subscribers = await stage.startSubscribers();
      await subscribe(api, subscribers, {
        apiKeys: await createKeys(api, keys),
        sockets: count,
        perSocket: 1,
        query,
      });

      const stream = async (changes: number) => {
        subscribers.tell({ type: 'reset' });
        const reached = subscribers.ask({ type: 'expect', count: changes * count }, 'reached', 120_000);
        const startedAt = sharedMs();
        for (let done = 0; done < changes; done += 20) {
          await stage.pool.query(AGAIN, [done]);
          await stage.pool.query(`select pg_notify('hookcast_changes', '')`);
        }
        return changes / (((await reached).at - startedAt) / 1_000);
      };
      const warm = await stream(20_000 / count); // Changes per second.
      const seconds = isQuick ? 1 : ROUND_SECONDS;
      // In steps of 20 changes to all: on a slow machine a round is smaller, not longer.
      const steps = Math.max(1, Math.round(Math.min(warm * seconds, MOST_MESSAGES / count) / 20));
      const messages = steps * 20 * count;
      const [perSecond, note] = await stage.observe('message', async () => ({
        count: messages,
        value: await stream(messages / count),
      }));
      const share = `${Math.round(perSecond * count).toLocaleString('en')} messages/s; ${note}`;
      return [{ line, measured: perSecond, unit: 'changes/s', note: share }];
    },
  };
};

export const streamToHundred = streamTo({
  name: 'changes to 100 subscribers',
  subscribers: 100,
  keys: 20,
  query: WATCH,
});
export const streamToThousand = streamTo({
  name: 'changes to 1,000 subscribers',
  subscribers: 1_000,
  keys: 20,
  query: WATCH,
});
/** Each with a key of its own. */
export const fullToThousand = streamTo({
  name: '1,000 subscribers, full selection',
  isLong: true,
  subscribers: 1_000,
  keys: 1_000,
  query: FULL_WATCH,
});
