/** The clients that src/schema/README.md shows, as it shows them, on real processes that come and go. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DELIVERY_CHANGES } from '../../../src/live/changes/delivery-changes.ts';
import { forgetChanges } from '../../../src/live/forget.ts';
import { openGate } from '../../fault/stage/gate.ts';
import { API_KEY } from '../../fault/stage/service.ts';
import { setStage, type Stage } from '../../fault/stage/stage.ts';
import { openAcknowledged } from '../../support/client.ts';
import { createServiceCursors } from '../../support/cursors.ts';
import { watch as watchSse } from '../../support/examples/watch-sse.ts';
import { watch as watchWs } from '../../support/examples/watch-ws.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});

afterAll(() => stage[Symbol.asyncDispose]());

const noReload = () => Promise.reject(new Error('There is a cursor that can be resumed'));

/** Ids of the next deliveries that a watcher is shown. */
async function take(changes: AsyncGenerator<{ delivery: { id: string } }>, count: number): Promise<string[]> {
  const ids: string[] = [];
  for await (const { delivery } of changes) if (ids.push(delivery.id) === count) break;
  return ids;
}

const names = (prefix: string, count: number) => Array.from({ length: count }, (_, nth) => `${prefix}-${nth}`);

describe.each([
  ['WebSocket', watchWs],
  ['SSE', watchSse],
])('the client over %s', (transport, watch) => {
  const watchAt = async (origin: string, options: Partial<Parameters<typeof watch>[0]> = {}) => {
    const cursor = options.cursor === undefined ? await stage.cursor() : options.cursor;
    return watch({ url: `${origin}/graphql`, apiKey: API_KEY, reload: noReload, ...options, cursor });
  };

  test('shows every change once, in order, while the process it watches is killed and started again', async () => {
    const [process] = stage.processes;
    const ids = names(`killed-${transport}`, 300);
    const shown = take(await watchAt(process!.origin), ids.length);
    let restarted: Promise<void> | undefined;
    for (const [nth, id] of ids.entries()) {
      await stage.record(id);
      if (nth === 100) restarted = process!.restart();
      if (nth === 250) await restarted;
    }
    expect(await shown).toEqual(ids);
  });

  test('goes on at another process without a gap when its own is told to stop', async () => {
    const [stopped, next] = stage.processes;
    let port = Number(new URL(stopped!.origin).port);
    using balancer = await openGate({ port: () => port });
    const origin = `http://127.0.0.1:${balancer.port}`;
    await using socket = await openAcknowledged(origin, API_KEY);
    const ids = names(`stopped-${transport}`, 200);
    const shown = take(await watchAt(origin), ids.length);
    for (const [nth, id] of ids.entries()) {
      await stage.record(id);
      if (nth !== 100) continue;
      port = Number(new URL(next!.origin).port);
      await stopped!.stop();
    }
    expect(await shown).toEqual(ids);
    expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
    expect(stopped!.current().process.exitCode).toBe(0);
    await stopped!.restart();
  });

  test('loads its list again when its cursor is too old, and goes on from there', async () => {
    const { encode } = await createServiceCursors(stage.pool);
    const cursor = encode({ xid: 1n, seq: 1n }, stage.scene.organizationId); // Of a change from long ago.
    await stage.record('forgotten');
    await stage.record('forgotten too');
    const forget = () => forgetChanges(stage.pool, DELIVERY_CHANGES, new Date(Date.now() + 1_000), 100_000);
    await expect.poll(forget).toBeGreaterThan(1);
    let reloads = 0;
    const reload = async () => {
      reloads++;
      const fresh = await stage.cursor();
      await stage.record('after the list was loaded');
      return fresh;
    };
    expect(await take(await watchAt(stage.processes[1]!.origin, { cursor, reload }), 1)).toEqual([
      'after the list was loaded',
    ]);
    expect(reloads).toBe(1);
  });

  test('begins with its list when it has no cursor', async () => {
    const reload = async () => {
      const cursor = await stage.cursor();
      await stage.record('first');
      return cursor;
    };
    expect(await take(await watchAt(stage.processes[1]!.origin, { cursor: null, reload }), 1)).toEqual(['first']);
  });

  test('gives up when its key is revoked, or was never good, and when its cursor is none', async () => {
    const { origin } = stage.processes[1]!;
    const api = stage.processes[0]!.current().api;
    const { createApiKey } = await api<{ createApiKey: { apiKey: { id: string }; secret: string } }>(
      `mutation { createApiKey(input: { name: "client", scopes: [DELIVERIES_READ] }) { apiKey { id } secret } }`,
    );
    const changes = await watchAt(origin, { apiKey: createApiKey.secret });
    await stage.record('before the revocation');
    await changes.next();
    const next = changes.next();
    await api(`mutation { revokeApiKey(input: { id: "${createApiKey.apiKey.id}" }) { userErrors { message } } }`);
    const refused = transport === 'SSE' ? [{ extensions: { code: 'UNAUTHENTICATED' } }] : { code: 4403 };
    await expect(next).rejects.toMatchObject(refused);
    await expect((await watchAt(origin, { apiKey: 'hk_never' })).next()).rejects.toMatchObject(refused);
    const wrong = [{ extensions: { code: 'BAD_USER_INPUT' } }];
    await expect((await watchAt(origin, { cursor: 'nonsense' })).next()).rejects.toMatchObject(wrong);
  });
});
