import type { ServerResponse } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { liveList, type LiveListOptions } from '../../src/client/live-list.ts';
import { nextEvent, startScripted, STREAM } from './scripted.ts';

type Item = { readonly id: string; readonly open: boolean; readonly version: number };
type List = {
  readonly items: readonly Item[];
  readonly hasMore: boolean;
  readonly cursor: string;
  readonly end?: string;
};
type Change = { readonly changed: { readonly item: Item | null } };

const item = (nth: number, open = true, version = 0): Item => ({
  id: `i${String(nth).padStart(5, '0')}`,
  open,
  version,
});
const change = (cursor: string, changed: Item | null) => nextEvent({ data: { changed: { cursor, item: changed } } });

/** A service whose list, and whose stream after each cursor, the test says. */
const startService = (lists: List[], streams: Record<string, string>) =>
  startScripted({
    onPost(response, { variables }) {
      const { after } = variables;
      if (after !== undefined) return void response.writeHead(200, STREAM).write(streams[after] ?? ':\n\n');
      const list = lists.length > 1 ? lists.shift()! : lists[0]!;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: list }));
    },
  });

const start = (url: string, options: Partial<LiveListOptions<Item, List, object, Change, object>> = {}) => {
  const list = liveList<Item, List, object, Change, object>({
    url,
    getApiKey: () => 'hk',
    transport: 'sse',
    delayMs: () => 1,
    query: '{ items }',
    load: (data) => data,
    subscription: 'subscription ($after: String) { changed(after: $after) { cursor item } }',
    item: ({ changed }) => changed.item,
    keep: ({ open }) => open,
    order: (one, other) => (one.id < other.id ? 1 : -1),
    limit: 4,
    ...options,
  } as LiveListOptions<Item, List, object, Change, object>);
  const draws: number[] = [];
  list.subscribe(() => draws.push(list.getSnapshot().items.length));
  return { list, draws, items: () => list.getSnapshot().items };
};

afterEach(() => vi.unstubAllGlobals());

test('the list and the stream join at the cursor of the list, in order, filtered and bounded', async () => {
  const loaded = { items: [item(3), item(2), item(1)], hasMore: false, cursor: 'list' };
  const changes = [item(2, true, 1), item(1, false), item(4), item(5), null, item(6)];
  const stream = changes.map((each, nth) => change(`c${nth}`, each)).join('');
  await using service = await startService([loaded], { list: stream });
  const { list, items } = start(service.url);
  await expect.poll(items).toEqual([item(6), item(5), item(4), item(3)]);
  expect(list.getSnapshot().state).toBe('live');
  expect(service.asked.map(({ variables }) => variables.after)).toEqual([undefined, 'list']);
  list.stop();
  await expect.poll(() => list.getSnapshot().state).toBe('ended');
  expect(list.getSnapshot()).toMatchObject({ items: items(), error: undefined });
});

test('changes enter the list together: 900 of them are one drawing, and only the frame draws', async () => {
  const frames: (() => void)[] = [];
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
  vi.stubGlobal('cancelAnimationFrame', () => {});
  const stream = Array.from({ length: 900 }, (_, nth) => change(`c${nth}`, item(nth % 300, true, nth))).join('');
  await using service = await startService([{ items: [], hasMore: false, cursor: 'list' }], {
    list: stream + change('last', null),
  });
  const seen: (Item | null)[] = [];
  const { list, draws, items } = start(service.url, {
    limit: 1_000,
    item: ({ changed }) => (seen.push(changed.item), changed.item),
  });
  await expect.poll(() => seen.length).toBe(901);
  const before = draws.length;
  expect(items()).toEqual([]);
  expect(frames).toHaveLength(1);
  frames[0]!();
  expect(draws.slice(before)).toEqual([300]);
  expect(items()[0]).toEqual(item(299, true, 899));
  list.stop();
});

test('a page that draws no frames holds no more than 1,000 changed items back', async () => {
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => {});
  const stream = Array.from({ length: 1_000 }, (_, nth) => change(`c${nth}`, item(nth))).join('');
  await using service = await startService([{ items: [], hasMore: false, cursor: 'list' }], { list: stream });
  const { list, items } = start(service.url, { limit: 2_000 });
  await expect.poll(() => items().length).toBe(1_000);
  list.stop();
});

test('a list that has lost over half of its items is loaded again, for only the service knows what follows', async () => {
  const first = { items: [item(9), item(8), item(7), item(6)], hasMore: true, cursor: 'first' };
  const second = { items: [item(6), item(5), item(4), item(3)], hasMore: true, cursor: 'second' };
  const gone = [9, 8, 7].map((nth) => change(`c${nth}`, item(nth, false))).join('');
  await using service = await startService([first, second], { first: gone, second: change('c10', item(10)) });
  const { list, items } = start(service.url);
  await expect.poll(items).toEqual([item(10), item(6), item(5), item(4)]);
  expect(service.asked.map(({ variables }) => variables.after)).toEqual([undefined, 'first', undefined, 'second']);
  list.stop();
});

test('an error that cannot be mended ends the list, and the page can say why', async () => {
  const refusal = { errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] };
  await using service = await startScripted({
    onPost: (response) =>
      void response.writeHead(403, { 'content-type': 'application/json' }).end(JSON.stringify(refusal)),
  });
  const { list } = start(service.url);
  await expect
    .poll(() => list.getSnapshot())
    .toMatchObject({ state: 'ended', error: { code: 'FORBIDDEN' }, items: [] });
});

/** A service with 30 items, which gives them in pages of `first` behind a place; the test says what the stream tells. */
type Paged = {
  readonly stream?: string;
  /** Called with each place that is asked for, before its page is sent. */
  readonly onPage?: (end: string, response: ServerResponse) => void | 'answered';
};
const startPaged = ({ stream = '', onPage }: Paged, streams: ServerResponse[] = []) =>
  startScripted({
    onPost(response, { variables }) {
      const { after, end } = variables as { after?: string; end?: string };
      if (after !== undefined) {
        streams.push(response);
        return void response.writeHead(200, STREAM).write(`:\n\n${stream}`);
      }
      if (end !== undefined && onPage?.(end, response) === 'answered') return;
      const last = end === undefined ? 30 : Number(end);
      const items = Array.from({ length: Math.min(4, last) }, (_, nth) => item(last - nth));
      const list = { items, hasMore: last > 4, cursor: `c${last}`, end: String(last - 4) };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: list }));
    },
  });
const paged = { limit: 100, nextVariables: (end: string) => ({ end }) };
const range = (first: number, last: number) => Array.from({ length: first - last + 1 }, (_, nth) => item(first - nth));

test('more adds the next items behind the last one, until the whole list is there', async () => {
  await using service = await startPaged({});
  const { list, items } = start(service.url, paged);
  await expect.poll(items).toEqual(range(30, 27));
  expect(list.getSnapshot().hasMore).toBe(true);
  await Promise.all([list.more(), list.more()]);
  expect(items()).toEqual(range(30, 23));
  for (let nth = 0; nth < 6; nth++) await list.more();
  expect(items()).toEqual(range(30, 1));
  expect(list.getSnapshot().hasMore).toBe(false);
  await list.more();
  expect(service.asked).toHaveLength(2 + 7);
  list.stop();
});

test('a change of an item of the next page, told while that page is on its way, is not lost', async () => {
  const streams: ServerResponse[] = [];
  let told: Promise<void> | undefined;
  await using service = await startPaged(
    {
      onPage: (_, response) => {
        if (told) return;
        told = expect.poll(() => seen.length).toBe(2);
        streams[0]!.write(change('x1', item(25, true, 1)) + change('x2', item(24, false)));
        const list = { items: range(26, 23), hasMore: true, cursor: 'c', end: '22' };
        void told.then(() => response.end(JSON.stringify({ data: list })));
        response.writeHead(200, { 'content-type': 'application/json' });
        return 'answered';
      },
    },
    streams,
  );
  const seen: unknown[] = [];
  const { list, items } = start(service.url, {
    ...paged,
    item: ({ changed }) => (seen.push(changed.item), changed.item),
  });
  await expect.poll(() => list.getSnapshot().state).toBe('live');
  await list.more();
  expect(items()).toEqual([...range(30, 26), item(25, true, 1), item(23)]);
  list.stop();
});

test('a list that was cut at its limit leaves no gap when it is extended later', async () => {
  const streams: ServerResponse[] = [];
  await using service = await startPaged({}, streams);
  const { list, items } = start(service.url, { ...paged, limit: 10 });
  await expect.poll(() => list.getSnapshot().state).toBe('live');
  await list.more();
  await list.more();
  expect(items()).toEqual(range(30, 21));
  expect(list.getSnapshot().hasMore).toBe(false);
  const added = [35, 34, 33, 32, 31];
  streams[0]!.write(added.map((nth) => change(`n${nth}`, item(nth))).join(''));
  await expect.poll(items).toEqual(range(35, 26));
  streams[0]!.write(added.map((nth) => change(`g${nth}`, item(nth, false))).join(''));
  await expect.poll(items).toEqual(range(30, 26));
  expect(list.getSnapshot().hasMore).toBe(true);
  await list.more();
  expect(items().slice(0, 8)).toEqual(range(30, 23));
  list.stop();
});

test('when over half of the items have left, the next ones fill the list, and what was loaded stays', async () => {
  const gone = [30, 29, 28].map((nth) => change(`g${nth}`, item(nth, false))).join('');
  await using service = await startPaged({ stream: gone });
  const { list, items } = start(service.url, paged);
  await expect.poll(items).toEqual(range(27, 23));
  expect(service.asked.map(({ variables }) => variables)).toEqual([{}, { after: 'c30' }, { end: '26' }]);
  list.stop();
});

test('a page that arrives after the list began anew does not enter it', async () => {
  const streams: ServerResponse[] = [];
  let answer: (() => void) | undefined;
  await using service = await startPaged(
    {
      onPage: (_, response) => {
        const list = { items: range(26, 23), hasMore: true, cursor: 'c', end: '22' };
        answer = () =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ data: list }));
        return 'answered';
      },
    },
    streams,
  );
  const { list, items } = start(service.url, paged);
  await expect.poll(() => list.getSnapshot().state).toBe('live');
  const more = list.more();
  await expect.poll(() => answer).toBeTypeOf('function');
  const expired = { message: 'too old', extensions: { code: 'CURSOR_EXPIRED' } };
  streams[0]!.end(nextEvent({ errors: [expired] }) + 'event: complete\ndata:\n\n');
  await expect.poll(() => streams.length).toBe(2);
  answer!();
  await more;
  expect(items()).toEqual(range(30, 27));
  list.stop();
});

test('a page that cannot be loaded rejects, the list goes on, and more may be called again', async () => {
  const refusal = { errors: [{ message: 'slower', extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1 } }] };
  let refused = false;
  await using service = await startPaged({
    onPage(_, response) {
      if (refused) return;
      refused = true;
      response.writeHead(429, { 'content-type': 'application/json' }).end(JSON.stringify(refusal));
      return 'answered';
    },
  });
  const { list, items } = start(service.url, paged);
  await expect.poll(() => list.getSnapshot().state).toBe('live');
  await expect(list.more()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(list.getSnapshot().state).toBe('live');
  await list.more();
  expect(items()).toEqual(range(30, 23));
  list.stop();
  await list.more();
  expect(items()).toEqual(range(30, 23));
});
