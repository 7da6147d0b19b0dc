/** Streams through what stands in front of a service: a proxy that buffers, and proxies that close idle connections. */
import { describe, expect, test } from 'vitest';
import { type GraphqlResult, openAcknowledged, subscribeSse } from '../../support/client.ts';
import { openIdleProxy } from '../../support/network/idle-proxy.ts';
import { findNginx, startNginx } from '../../support/network/nginx.ts';
import { API_KEY, setup } from '../setup.ts';

const TICKS = { query: 'subscription { ticks { number } }' };

type Server = Awaited<ReturnType<typeof setup>>;
type Watcher = AsyncDisposable & { readonly next: () => Promise<unknown> };

const TRANSPORTS: Readonly<Record<string, (url: string) => Promise<Watcher>>> = {
  async SSE(url) {
    const stream = await subscribeSse(url, TICKS, { apiKey: API_KEY });
    return { ...stream, next: async () => (await stream.next())?.data };
  },
  async WebSocket(url) {
    const socket = await openAcknowledged(url, API_KEY);
    socket.send({ id: '1', type: 'subscribe', payload: TICKS });
    return { ...socket, next: async () => (await socket.next()).payload };
  },
};

/** A tenth of the idle limit, where 12 seconds are a fifth of 60: a busy machine may be late by seconds. */
const [PING_MS, IDLE_MS] = [500, 5_000];

const codeOf = ({ errors }: GraphqlResult) => errors?.[0]?.extensions.code;

async function expectTick(t: Server, watcher: Watcher, number: number): Promise<void> {
  t.source.emit(number);
  expect(await watcher.next()).toEqual({ data: { ticks: { number } } });
}

describe.each(Object.entries(TRANSPORTS))('over %s', (transport, watch) => {
  const upgrades = transport === 'WebSocket';

  test('a quiet stream outlives the idle limit of a proxy many times', async () => {
    await using t = await setup({ timing: { pingMs: PING_MS } });
    using proxy = await openIdleProxy({ port: t.port, idleMs: IDLE_MS });
    await using watcher = await watch(`http://127.0.0.1:${proxy.port}`);
    await t.source.opened();
    await proxy.passed((3 * IDLE_MS) / PING_MS);
    await expectTick(t, watcher, 1);
    expect(proxy.cutCount()).toBe(0);
  });

  test('without pings the same proxy closes it', async () => {
    await using t = await setup({ timing: { pingMs: 600_000 } });
    using proxy = await openIdleProxy({ port: t.port, idleMs: IDLE_MS });
    await using watcher = await watch(`http://127.0.0.1:${proxy.port}`);
    const closed = watcher.next().catch(() => 'closed');
    await t.source.opened();
    await t.source.released();
    expect(await closed).toBe('closed');
    expect(proxy.cutCount()).toBe(1);
  });

  test('nginx, which buffers answers, passes each event on at once', async (context) => {
    const file = await findNginx();
    if (!file) return context.skip('nginx is not installed');
    await using t = await setup();
    await using nginx = await startNginx({ file, port: t.port, upgrades });
    await using watcher = await watch(nginx.url);
    await t.source.opened();
    for (const number of [1, 2, 3]) await expectTick(t, watcher, number);
  });

  test('a quiet stream outlives the time that nginx waits for an answer', async (context) => {
    const file = await findNginx();
    if (!file) return context.skip('nginx is not installed');
    await using t = await setup({ timing: { pingMs: PING_MS } });
    await using nginx = await startNginx({ file, port: t.port, upgrades, readTimeoutMs: IDLE_MS });
    using counter = await openIdleProxy({ port: Number(new URL(nginx.url).port), idleMs: 600_000 });
    await using watcher = await watch(`http://127.0.0.1:${counter.port}`);
    await t.source.opened();
    await counter.passed((3 * IDLE_MS) / PING_MS);
    await expectTick(t, watcher, 1);
  });

  test('a client behind nginx learns that the service stops', async (context) => {
    const file = await findNginx();
    if (!file) return context.skip('nginx is not installed');
    await using t = await setup();
    await using nginx = await startNginx({ file, port: t.port, upgrades });
    await using watcher = await watch(nginx.url);
    await t.source.opened();
    const last = watcher.next().catch((error: Error) => error.message);
    const closed = t.server.close({ graceMs: 60_000 });
    const shown = typeof (await last) === 'string' ? await last : codeOf((await last) as GraphqlResult);
    expect(shown).toBe(transport === 'SSE' ? 'SERVICE_UNAVAILABLE' : 'closed with 1001 Going away');
    await closed;
  });
});
