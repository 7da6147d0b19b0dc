/** A watcher on real processes that are killed, stopped and started again while changes are committed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watch } from '../../src/client/watch.ts';
import type { WatchOptions, WatchState } from '../../src/client/watch-options.ts';
import { DELIVERY_CHANGES } from '../../src/live/changes/delivery-changes.ts';
import { forgetChanges } from '../../src/live/forget.ts';
import { openGate } from '../fault/stage/gate.ts';
import { API_KEY } from '../fault/stage/service.ts';
import { setStage, type Stage } from '../fault/stage/stage.ts';
import { createServiceCursors } from '../support/cursors.ts';

const WATCH = `subscription Watch($after: String) {
  deliveryStatusChanged(after: $after) { cursor delivery { id } }
}`;
type Data = { readonly deliveryStatusChanged: { readonly delivery: { readonly id: string } } };
type Options = WatchOptions<Data, object>;

/** A process is started in the middle of the test. */
const LONG = { timeout: 180_000 };

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
}, 180_000);
afterAll(() => stage[Symbol.asyncDispose]());

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, nth) => `${prefix}-${nth}`);

/** Ids of the next deliveries that a watcher is shown. */
async function take(results: ReturnType<typeof watch<Data>>, count: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { data } of results) if (ids.push(data.deliveryStatusChanged.delivery.id) === count) break;
  return ids;
}

describe.each(['websocket', 'sse'] as const)('over %s', (transport) => {
  const setup = async (origin: string, options: Partial<Options> = {}) => {
    const states: WatchState[] = [];
    const results = watch<Data>({
      url: `${origin}/graphql`,
      getApiKey: () => API_KEY,
      document: WATCH,
      transport,
      after: await stage.cursor(),
      onState: (state) => states.push(state),
      ...options,
    });
    return { results, states };
  };

  test('every change is shown once, in order, while the process is killed and started again', LONG, async () => {
    const [process] = stage.processes;
    const ids = names(`killed-${transport}`, 120);
    const { results, states } = await setup(process!.origin);
    const shown = take(results, ids.length);
    let restarted: Promise<void> | undefined;
    for (const [nth, id] of ids.entries()) {
      await stage.record(id);
      if (nth === 40) restarted = process!.restart();
      if (nth === 90) await restarted;
    }
    expect(await shown).toEqual(ids);
    expect(states).toEqual(['connecting', 'live', 'reconnecting', 'live', 'ended']);
  });

  test('it goes on at another process without a gap when its own is told to stop', LONG, async () => {
    const [stopped, next] = stage.processes;
    let port = Number(new URL(stopped!.origin).port);
    using balancer = await openGate({ port: () => port });
    const ids = names(`stopped-${transport}`, 80);
    const { results } = await setup(`http://127.0.0.1:${balancer.port}`);
    const shown = take(results, ids.length);
    for (const [nth, id] of ids.entries()) {
      await stage.record(id);
      if (nth !== 40) continue;
      port = Number(new URL(next!.origin).port);
      await stopped!.stop();
    }
    expect(await shown).toEqual(ids);
    await stopped!.restart();
  });

  test('a cursor that is too old makes it load the list again, and go on from there', async () => {
    const { encode } = await createServiceCursors(stage.pool);
    const old = encode({ xid: 1n, seq: 1n }, stage.scene.organizationId); // Of a change from long ago.
    await stage.record('forgotten');
    await stage.record('forgotten too');
    const forget = () => forgetChanges(stage.pool, DELIVERY_CHANGES, new Date(Date.now() + 1_000), 100_000);
    await expect.poll(forget).toBeGreaterThan(1);
    let loads = 0;
    const after = async () => {
      loads++;
      const cursor = await stage.cursor();
      await stage.record('after the list was loaded');
      return cursor;
    };
    const store = { load: () => old, save: () => {} };
    const { results, states } = await setup(stage.processes[1]!.origin, { after, store });
    expect(await take(results, 1)).toEqual(['after the list was loaded']);
    expect(loads).toBe(1);
    expect(states.filter((state) => state !== 'live')).toEqual(['connecting', 'reloading', 'ended']);

    const { results: helpless } = await setup(stage.processes[1]!.origin, { after: old });
    await expect(helpless.next()).rejects.toMatchObject({ code: 'CURSOR_EXPIRED' });
  });

  test('a refused key is asked for once more: it goes on with a new one, and gives up when that is refused too', async () => {
    const { origin } = stage.processes[1]!;
    const api = stage.processes[0]!.current().api;
    type Created = { createApiKey: { apiKey: { id: string }; secret: string } };
    const create = `mutation { createApiKey(input: { name: "client", scopes: [DELIVERIES_READ] }) { apiKey { id } secret } }`;
    const { createApiKey } = await api<Created>(create);
    const keys = [createApiKey.secret, API_KEY];
    const { results, states } = await setup(origin, { getApiKey: () => keys.shift() ?? 'hk_none_is_left' });
    await stage.record('before the revocation');
    await results.next();
    const next = results.next();
    await api(`mutation { revokeApiKey(input: { id: "${createApiKey.apiKey.id}" }) { userErrors { message } } }`);
    await expect.poll(() => states).toContain('reconnecting');
    await stage.record('after the revocation');
    const { value } = await next;
    expect(value?.data.deliveryStatusChanged.delivery.id).toBe('after the revocation');
    await results.return!();

    const asked: string[] = [];
    const { results: refused } = await setup(origin, { getApiKey: () => (asked.push('again'), 'hk_never') });
    await expect(refused.next()).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(asked).toHaveLength(2);
    expect(await refused.next()).toEqual({ done: true, value: undefined });
  });

  test('what trying again cannot mend ends it at once', async () => {
    const { results, states } = await setup(stage.processes[1]!.origin, { after: 'nonsense' });
    await expect(results.next()).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(states.filter((state) => state !== 'live')).toEqual(['connecting', 'ended']);
  });

  test('it stops at any moment: while it waits, between two results, and while nobody answers', async () => {
    const { origin } = stage.processes[1]!;
    const stop = new AbortController();
    const { results: waiting, states } = await setup(origin, { signal: stop.signal });
    const next = waiting.next();
    await expect.poll(() => states).toContain('live');
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(states).toEqual(['connecting', 'live', 'ended']);

    const { results: read } = await setup(origin);
    await stage.record('read');
    await read.next();
    expect(await read.return!()).toEqual({ done: true, value: undefined });

    using nobody = await openGate({ port: () => undefined });
    const { results: trying, states: tried } = await setup(`http://127.0.0.1:${nobody.port}`);
    const unanswered = trying.next();
    await expect.poll(() => tried).toContain('reconnecting');
    await trying.return!();
    expect(await unanswered).toEqual({ done: true, value: undefined });

    const { results: keyless } = await setup(origin, { getApiKey: () => new Promise(() => {}) });
    const never = keyless.next();
    await keyless.return!();
    expect(await never).toEqual({ done: true, value: undefined });
  });

  test('the store has the cursor of what was handled, and a new watcher goes on there', async () => {
    const { origin } = stage.processes[1]!;
    let cursor: string | null = null;
    const store = { load: () => cursor, save: (handled: string) => void (cursor = handled) };
    const ids = names(`stored-${transport}`, 4);
    const { results: first } = await setup(origin, { store });
    for (const id of ids) await stage.record(id);
    expect(await take(first, 3)).toEqual(ids.slice(0, 3));
    const { results: second } = await setup(origin, { store });
    expect(await take(second, 2)).toEqual(ids.slice(2)); // The third was being handled when the first one broke off.
  });
});

test('`auto` takes server-sent events where a proxy lets no WebSocket through', async () => {
  const port = Number(new URL(stage.processes[1]!.origin).port);
  let upgrades = 0;
  const admit = (first: Buffer) => !/^upgrade:/im.test(String(first)) || !++upgrades;
  using proxy = await openGate({ port: () => port, admit });
  const url = `http://127.0.0.1:${proxy.port}/graphql`;
  const results = watch<Data>({ url, getApiKey: () => API_KEY, document: WATCH, after: await stage.cursor() });
  await stage.record('through the proxy');
  expect(await take(results, 1)).toEqual(['through the proxy']);
  expect(upgrades).toBe(1);
});
