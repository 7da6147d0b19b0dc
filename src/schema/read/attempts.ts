/** Loaders of attempts: narrow rows, and their wide parts. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { SharedReading } from '../../database/read/readings.ts';
import { batched, type Loader } from './batched.ts';
import { ATTEMPT_COLUMNS, read, type AttemptRow } from './rows.ts';

export type AttemptKey = { readonly deliveryId: string; readonly number: number };

export type AttemptResponse = AttemptKey & {
  /** JSON text. */
  readonly responseHeaders: string | null;
  readonly responseBody: string | null;
};

/** What is known of the request of an attempt. */
export type SentRequest = AttemptKey & {
  /** What readAttemptRequest reads. Null: a process of release 0.1.0 sent it. */
  readonly request: string | null;
  readonly organizationId: string;
  readonly targetId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Bytes of the event's body; 0: it was erased. */
  readonly bodyBytes: number;
  /** The destination: null, as the brand, when retention has deleted it. */
  readonly url: string | null;
  readonly brand: string | null;
  readonly sealedHeaders: Buffer | null;
};

export type AttemptLoaders = {
  readonly attempt: Loader<AttemptKey, AttemptRow>;
  readonly attemptResponse: Loader<AttemptKey, AttemptResponse>;
  readonly sentRequest: Loader<AttemptKey, SentRequest>;
};

export const createAttemptLoaders = (reading: SharedReading): AttemptLoaders => ({
  attempt: attempts<AttemptRow>(reading, Prisma.sql`select ${ATTEMPT_COLUMNS} from delivery_attempts`),
  attemptResponse: attempts<AttemptResponse>(reading, RESPONSES),
  sentRequest: attempts<SentRequest>(reading, REQUESTS),
});

const RESPONSES = Prisma.sql`
  select delivery_id as "deliveryId", number, response_headers as "responseHeaders", response_body as "responseBody"
  from delivery_attempts`;

const REQUESTS = Prisma.sql`
  select a.delivery_id as "deliveryId", a.number, a.request, d.organization_id as "organizationId",
    d.target_id as "targetId", d.event_id as "eventId", d.event_type as "eventType",
    coalesce(octet_length(e.body), 0) as "bodyBytes", w.url, w.brand, w.sealed_headers as "sealedHeaders"
  from delivery_attempts a
  join deliveries d on d.id = a.delivery_id
  left join events e on e.id = d.event_id
  left join target_destinations w on w.target_id = d.target_id and w.id = split_part(a.request, ' ', 1)`;

/** `select` has the columns delivery_id and number of the attempts, and no condition. */
function attempts<Row extends AttemptKey>(reading: SharedReading, select: Prisma.Sql): Loader<AttemptKey, Row> {
  const nameOf = ({ deliveryId, number }: AttemptKey) => `${deliveryId}:${number}`;
  return batched<AttemptKey, Row | null>(reading, async (keys) => {
    const deliveryIds = keys.map(({ deliveryId }) => deliveryId);
    const numbers = keys.map(({ number }) => number);
    const rows = await read<Row>(
      reading,
      Prisma.sql`${select} where (delivery_id, number) in (select * from unnest(${deliveryIds}::text[], ${numbers}::int[]))`,
    );
    const byName = new Map(rows.map((row) => [nameOf(row), row]));
    return keys.map((key) => byName.get(nameOf(key)) ?? null);
  });
}
