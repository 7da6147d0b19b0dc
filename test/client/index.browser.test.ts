/** Every example of src/client/README.md in a real browser, with the package as it is installed, while the service is restarted. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API_KEY } from '../fault/stage/service.ts';
import { setStage, type Stage } from '../fault/stage/stage.ts';
import { recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { openBrowser } from '../support/browser/browser.ts';
import { type Installed, installPackage } from '../support/packages/install.ts';
import { PUBLISH, type PublishedEvent } from '../support/service.ts';
import type { Shown, Start } from './all-clients.tsx';

const ROOT = resolve(import.meta.dirname, '../..');

let installed: Installed;
let script: string;
let stage: Stage;
const server = createServer((request, response) => {
  const isScript = request.url === '/page.js';
  response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
  response.end(isScript ? script : '<!doctype html><body><script type="module" src="/page.js"></script>');
});

/** What a page loads: the examples with the installed package, and the clients of others as they are. */
async function bundle({ packageDirectory }: Installed): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, 'test/client/all-clients.tsx')],
    bundle: true,
    write: false,
    format: 'esm',
    alias: { '@hookcast/client': packageDirectory },
    nodePaths: [join(ROOT, 'node_modules')],
    tsconfigRaw: { compilerOptions: { jsx: 'react-jsx' } }, // Not ours, which leads to the sources of the package.
    define: { 'process.env.NODE_ENV': '"development"', global: 'globalThis' }, // StrictMode does nothing in production.
  });
  return outputFiles[0]!.text;
}

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  installed = await installPackage('client');
  script = await bundle(installed);
  stage = await setStage({ environment: { ALLOWED_ORIGINS: origin(), RATE_LIMIT_PER_MINUTE: '100000' } });
}, 600_000);

afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await installed?.[Symbol.asyncDispose]();
  server.close();
});

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Publishes at the process that stays. */
async function publish(): Promise<string> {
  const { publishEvent } = await stage.processes[1]!.current().api<PublishedEvent>(PUBLISH, {
    type: 'user.created',
    data: {},
  });
  return publishEvent.event.deliveries.nodes[0]!.id;
}

/** A page that has started these examples, at the process that is restarted. */
async function openPage(transport: Start['transport'], names: Start['names']) {
  await using stack = new AsyncDisposableStack();
  const page = await stack.use(await openBrowser()).newPage();
  const failures: string[] = [];
  page.on('pageerror', ({ message }) => failures.push(message));
  page.on('console', (message) => {
    if (message.type() === 'warning' || /key|cache/i.test(message.text())) failures.push(message.text());
  });
  const sockets = new Set<object>();
  let opened = 0;
  page.on('websocket', (socket) => {
    opened++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await page.goto(origin());
  await page.waitForFunction('window.page');
  const metrics = await page.context().newCDPSession(page);
  await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
  const url = `${stage.processes[0]!.origin}/graphql`;
  const start: Start = { url, apiKey: API_KEY, after: await stage.cursor(), transport, names };
  await page.evaluate(`window.page.start(${JSON.stringify(start)})`);
  for (const name of names.filter((name) => ['client-watch', 'client-list', 'client-react'].includes(name))) {
    await page.waitForFunction(`window.page.shown.states['${name}'] === 'live'`);
  }
  const owned = stack.move();
  return {
    failures,
    /** How many WebSockets it has opened so far, and how many are open. */
    sockets: () => ({ opened, open: sockets.size }),
    /** Takes the React components off the page. */
    leave: () => page.evaluate('window.page.leave()'),
    shown: () => page.evaluate('window.page.shown') as Promise<Shown>,
    /** Milliseconds of its processor that the page has used so far. */
    async usedMs() {
      const { metrics: all } = await metrics.send('Performance.getMetrics');
      return 1_000 * all.find(({ name }) => name === 'TaskDuration')!.value;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

// A browser opens six connections to a host at a time, and an event stream keeps its own: so fewer of them.
test.each([
  ['websocket', ['client-watch', 'client-list', 'client-react', 'client-apollo', 'client-urql', 'client-relay']],
  ['sse', ['client-watch', 'client-apollo', 'client-urql', 'client-relay']],
] as const)(
  'over %s nothing is lost and nothing comes twice in %j, while the service is killed and started again',
  { timeout: 600_000 },
  async (transport, names) => {
    await using page = await openPage(transport, names);
    const [watched] = stage.processes;
    const ids: string[] = [];
    for (let nth = 0; nth < 10; nth++) ids.push(await publish());
    const restarted = watched!.restart();
    for (let nth = 0; nth < 20; nth++) ids.push(await publish());
    await restarted;
    for (let nth = 0; nth < 10; nth++) ids.push(await publish());

    const changed = names.filter((name) => name !== 'client-list');
    const all = Object.fromEntries(changed.map((name) => [name, ids]));
    await expect.poll(async () => (await page.shown()).changes, { timeout: 120_000 }).toEqual(all);
    const listed = names.filter((name) => name === 'client-list' || name === 'client-react');
    const newest = Object.fromEntries(listed.map((name) => [name, ids.toReversed()]));
    const firstOf = (lists: Shown['lists']) =>
      Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, list.slice(0, ids.length)]));
    await expect.poll(async () => firstOf((await page.shown()).lists)).toEqual(newest);
    expect(page.failures).toEqual([]);
  },
);

test(
  'a change costs a page under 0.1 ms, so 1,000 changes a second leave it nine tenths of its processor',
  { timeout: 600_000 },
  async () => {
    await using page = await openPage('websocket', ['client-watch', 'client-list']);
    const { organizationId, targetId, deliveryIds } = stage.scene;
    const ids = { organizationId, targetId, eventId: targetId, eventType: 'user.created', attemptNumber: null };
    const [before, { draws }] = [await page.usedMs(), await page.shown()];
    const begun = performance.now();
    for (let batch = 0; batch < 10; batch++) {
      const changes = Array.from({ length: 300 }, (_, nth) => ({
        ...ids,
        deliveryId: deliveryIds[nth % deliveryIds.length]!,
        previousStatus: 'PENDING' as const,
        status: 'PENDING' as const,
        occurredAt: new Date(),
      }));
      await recordDeliveryChanges(stage.pool, changes);
      stage.ring();
    }
    await expect
      .poll(async () => (await page.shown()).changes['client-watch']!.length, { timeout: 120_000 })
      .toBe(3_000);
    const seconds = (performance.now() - begun) / 1_000;
    expect((await page.usedMs()) - before).toBeLessThan(2 * 3_000 * 0.1); // Two streams.
    expect((await page.shown()).draws - draws).toBeLessThan(60 * seconds + 10);
  },
);

test(
  'under StrictMode each hook connects once, and closes when its component leaves the page',
  { timeout: 600_000 },
  async () => {
    await using page = await openPage('websocket', ['client-react']);
    const id = await publish();
    await expect.poll(async () => (await page.shown()).changes).toEqual({ 'client-react': [id] });
    expect(page.sockets()).toEqual({ opened: 2, open: 2 });
    await page.leave();
    await expect.poll(page.sockets).toEqual({ opened: 2, open: 0 });
    expect(page.failures).toEqual([]);
  },
);
