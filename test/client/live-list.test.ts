import { afterEach, expect, test, vi } from 'vitest';
import { liveList, type LiveListOptions } from '../../src/client/live-list.ts';
import { nextEvent, startScripted, STREAM } from './scripted.ts';

type Item = { readonly id: string; readonly open: boolean; readonly version: number };
type List = { readonly items: readonly Item[]; readonly hasMore: boolean; readonly cursor: string };
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
