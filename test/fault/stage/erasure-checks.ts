/** What holds while the data of a customer is erased, and afterwards, for who reads lists and streams and for other customers. */
import { setTimeout as delay } from 'node:timers/promises';
import { subscribeSse } from '../../support/client.ts';
import type { Print } from '../stream.ts';
import { within } from './check.ts';
import { CUSTOMER, OTHER, type ErasureStage } from './erasure-stage.ts';
import { API_KEY } from './service.ts';

/** From the step that erases an event to the arrival of a request that was on its way. */
const ON_THE_WAY_MS = 2_000;
const PAGE = 100;

/** Only what was on its way when its event was erased has arrived after that. */
export async function requireNothingSent(stage: ErasureStage, print: Print): Promise<void> {
  const erased = await stage.rows<{ id: string; at: Date }>(
    'select id, erased_at as at from events where customer_id = $1',
    [CUSTOMER],
  );
  let onTheWay = 0;
  for (const { id, at } of erased) {
    const late = (stage.arrivals.get(id) ?? []).map((ms) => ms - at.getTime()).filter((ms) => ms > 0);
    onTheWay += late.length;
    const worst = Math.max(0, ...late);
    if (worst > ON_THE_WAY_MS) throw new Error(`Event ${id} arrived ${worst} ms after it was erased`);
  }
  print(`${onTheWay} requests arrived within ${ON_THE_WAY_MS} ms after their event was erased, none later`);
}

const PAGES = `query ($after: String) {
  events(first: ${PAGE}, after: $after, filter: { customerId: "${CUSTOMER}" }) {
    nodes { id erasedAt } pageInfo { hasNextPage endCursor }
  }
}`;

type Page = {
  events: { nodes: { id: string; erasedAt: string | null }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
};

/** Reads the whole list, page by page. Where PostgreSQL is down, it goes on from the same cursor. Returns how many are erased. */
async function readList({ api }: ErasureStage, expected: number): Promise<number> {
  const seen = new Set<string>();
  let erased = 0;
  for (let after: string | null = null, hasMore = true; hasMore;) {
    const page: Page | undefined = await api<Page>(PAGES, { after }).catch(() => delay(500, undefined));
    if (!page) continue;
    const { nodes, pageInfo }: Page['events'] = page.events;
    for (const { id, erasedAt } of nodes) {
      seen.add(id);
      if (erasedAt) erased++;
    }
    [after, hasMore] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  if (seen.size !== expected) throw new Error(`Expected ${expected} events in the pages, got ${seen.size}`);
  return erased;
}

/** Reads the list again and again. Returns how many times it was whole until then. */
export async function readWhile(stage: ErasureStage, expected: number, ended: Promise<unknown>): Promise<number> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  let passes = 0;
  for (; !isOver; passes++) await readList(stage, expected);
  return passes;
}

export async function requirePages(stage: ErasureStage, expected: number, print: Print): Promise<void> {
  const erased = await readList(stage, expected);
  if (erased !== expected) throw new Error(`Expected ${expected} erased events in the pages, got ${erased}`);
  print(`the pages of the list show all ${erased} events, erased`);
}

export async function requireOthers({ rows }: ErasureStage, print: Print): Promise<void> {
  const [found] = await rows<{ all: number; whole: number }>(
    `select count(*)::int as all, (count(*) filter (where body like '%kept%' and tags = '{kept}' and erased_at is null))::int as whole
       from events where customer_id = $1`,
    [OTHER],
  );
  if (!found || found.all === 0 || found.whole !== found.all) {
    throw new Error(`Of ${found?.all} events of another customer ${found?.whole} are whole`);
  }
  print(`all ${found.all} events of another customer are whole`);
}

/** The stream of events from before the erasure on: all `count` that were published, without data. */
export async function requireStream(
  { processes }: ErasureStage,
  after: string,
  count: number,
  print: Print,
): Promise<void> {
  const query = `subscription ($after: String, $customer: String!) {
    eventPublished(after: $after, filter: { customerId: $customer }) { event { id data tags } }
  }`;
  await using stream = await subscribeSse(
    processes[0]!.origin,
    { query, variables: { after, customer: CUSTOMER } },
    { apiKey: API_KEY },
  );
  const seen = new Set<string>();
  while (seen.size < count) {
    const message = await within(30_000, stream.next(), () => `the stream gave ${seen.size} events`);
    if (message?.event !== 'next') continue;
    const { data } = message.data as { data: { eventPublished: { event: { id: string; data: object } } } };
    const { event } = data.eventPublished;
    if (JSON.stringify(event.data) !== '{}') throw new Error(`The stream shows data of the event ${event.id}`);
    seen.add(event.id);
  }
  print(`the stream of events gives the ${seen.size} published ones from the cursor on, without data`);
}
