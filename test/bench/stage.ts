/** What a line runs on: a database of its own, and processes that end with it. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createFolder } from '../support/processes/reaper.ts';
import { startChild, type Child, type Message } from './child.ts';
import type { Cluster } from './cluster.ts';
import { describeCpu, readCpu, usedMs } from './cpu.ts';
import { startPeer, type Peer } from './peer.ts';
import type { FromDistance } from './processes/distance.ts';
import type { FromBareCommit } from './processes/bare-commit.ts';
import type { FromBareLoop } from './processes/bare-loop.ts';
import type { FromHandshakes } from './processes/handshakes.ts';
import type { FromLimited, ToLimited } from './processes/limited.ts';
import type { FromPublisher, Load } from './processes/publisher.ts';
import type { FromReceiver, ToReceiver } from './processes/receiver.ts';
import type { FromRawBoss } from './processes/raw-boss.ts';
import type { FromSubscribers, ToSubscribers } from './processes/subscribers.ts';
import type { FromYoga } from './processes/yoga.ts';
import { API_KEY, startService, type Service } from './service.ts';

export type Receiver = Child<ToReceiver, FromReceiver> & {
  /** Of a behaviour; targets of other numbers are other origins. */
  url(behaviour: string, target?: number): string;
};
export type ReceiverOptions = {
  /** Speaks TLS with the certificate of the tests: the service needs `TRUST`. */
  readonly isSecure?: boolean;
  /** Of a TCP proxy that every byte passes, in a process of its own. Round trip. */
  readonly distanceMs?: number;
};
/** Endpoints that bear only so much. */
export type Limited = Child<ToLimited, FromLimited> & { url(behaviour: string, target?: number): string };
export type Publisher = { publish(load: Omit<Load, 'type' | 'apiKey'>): Promise<FromPublisher> };
export type Subscribers = Child<ToSubscribers, FromSubscribers>;

export type Stage = {
  readonly databaseUrl: string;
  readonly pool: pg.Pool;
  /** Settings by environment. Parts of one name are one part in what `describe` says. */
  startService(environment?: NodeJS.ProcessEnv, name?: string): Promise<Service>;
  startReceiver(ports?: number, options?: ReceiverOptions): Promise<Receiver>;
  startLimited(ports: number, isSecure?: boolean): Promise<Limited>;
  startPublisher(): Promise<Publisher>;
  startSubscribers(): Promise<Subscribers>;
  /** Another sender, with an empty database of its own. */
  startPeer(command: string): Promise<Peer>;
  /** The same URL behind a TCP proxy that every byte passes, in a process of its own. `distanceMs`: the round trip. */
  startDistance(url: string, distanceMs: number): Promise<string>;
  /** Yoga with an empty resolver; its URL. */
  startYoga(): Promise<{ readonly url: string; end(): Promise<void> }>;
  /** Commits a row and posts, `count` times; the receiver knows the latencies. `pauseMs`: as in `Load`. */
  bareCommits(url: string, count: number, pauseMs: number): Promise<void>;
  /** Deliveries per second of the bare loop. */
  bareLoop(receiver: Receiver, milliseconds: number): Promise<number>;
  /** Processor of connections to a secure receiver. */
  handshakes(url: string, count: number): Promise<FromHandshakes>;
  rawBoss(options: { perInsert: number; lanes: number; milliseconds: number }): Promise<number>;
  /** Runs `work` and says who used the processors meanwhile. */
  observe<T>(unit: string, work: () => Promise<{ readonly count: number; readonly value: T }>): Promise<[T, string]>;
  /** Runs `work` and returns the milliseconds of processor time that each part used meanwhile. */
  measureCpu(work: () => Promise<void>): Promise<ReadonlyMap<string, number>>;
  /** Looks every 20 ms until `isSo` says so. */
  until(what: string, withinMs: number, isSo: () => Promise<boolean>): Promise<void>;
  settle(): Promise<void>;
  close(): Promise<void>;
};

type Options = { readonly cluster: Cluster; readonly profileDirectory: string | undefined };

/** Longest time of anything a line waits for. */
const WAIT_MS = 300_000;
const path = (file: string) => new URL(file, import.meta.url).pathname;
const AUTHORITY = path('../support/certificates/authority.pem');
/** Environment of a service that sends to secure receivers. */
export const TRUST = { NODE_EXTRA_CA_CERTS: AUTHORITY };

export async function createStage({ cluster, profileDirectory }: Options): Promise<Stage> {
  const databaseUrl = await cluster.createDatabase();
  await cluster.settle();
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', () => {});
  const children: Child[] = [];
  /** What is not a child, to be ended in turn. */
  const stack = new AsyncDisposableStack();
  let logs = 0;
  const logFile = (name: string) => join(cluster.directory, `${name.replaceAll(' ', '-')}-${Date.now()}-${++logs}.log`);

  async function start<To extends Message, From extends Message>(name: string, file: string, argument?: unknown) {
    const child = await startChild<To, From>({
      name,
      file: path(`processes/${file}`),
      argument,
      logFile: logFile(name),
    });
    children.push(child as unknown as Child);
    return child;
  }

  async function openDistance(ports: readonly number[], distanceMs: number): Promise<number[]> {
    const child = await start<Message, FromDistance>('distance', 'distance.ts', { ports, oneWayMs: distanceMs / 2 });
    return (await child.hear('listening', 10_000)).ports;
  }

  return {
    databaseUrl,
    pool,
    settle: cluster.settle,
    async startService(environment = {}, name = 'service') {
      const service = await startService({ name, databaseUrl, environment, profileDirectory, logFile: logFile(name) });
      children.push(service as unknown as Child);
      return service;
    },
    async startReceiver(ports = 20, { isSecure = false, distanceMs } = {}) {
      const child = await start<ToReceiver, FromReceiver>('receiver', 'receiver.ts', { ports, isSecure });
      const listening = await child.hear('listening', 10_000);
      const reached = distanceMs === undefined ? listening.ports : await openDistance(listening.ports, distanceMs);
      const url = (behaviour: string, target = 0) =>
        `http${isSecure ? 's' : ''}://127.0.0.1:${reached[target % ports]}/${behaviour}/${target}`;
      return { ...child, url };
    },
    async startLimited(ports, isSecure = false) {
      const child = await start<ToLimited, FromLimited>('limited receiver', 'limited.ts', { ports, isSecure });
      const listening = await child.hear('listening', 10_000);
      const origin = `${isSecure ? 'https' : 'http'}://127.0.0.1`;
      return { ...child, url: (path, target = 0) => `${origin}:${listening.ports[target % ports]}/${path}/${target}` };
    },
    async startPublisher() {
      const child = await start<Load, FromPublisher>('load', 'publisher.ts');
      return { publish: (load) => child.ask({ type: 'publish', apiKey: API_KEY, ...load }, 'published', WAIT_MS) };
    },
    async startPeer(command) {
      const [peerUrl, folder] = [await cluster.createEmptyDatabase(), await createFolder('hookcast-peer-')];
      stack.defer(() => cluster.dropDatabase(peerUrl));
      stack.use(folder);
      const options = { command, directory: folder.path, databaseUrl: peerUrl, certificateAuthority: AUTHORITY };
      const peer = await startPeer({ ...options, logFile: logFile('peer') });
      stack.defer(peer.end);
      return peer;
    },
    startSubscribers: () => start<ToSubscribers, FromSubscribers>('subscribers', 'subscribers.ts'),
    async startDistance(url, distanceMs) {
      const far = new URL(url);
      far.port = String((await openDistance([Number(far.port)], distanceMs))[0]);
      return far.href;
    },
    async startYoga() {
      const child = await start<Message, FromYoga>('Yoga', 'yoga.ts');
      const { url } = await child.hear('listening', 10_000);
      return { url, end: child.end };
    },
    async bareCommits(url, count, pauseMs) {
      const argument = { databaseUrl, url, count, pauseMs };
      const child = await start<Message, FromBareCommit>('bare commit', 'bare-commit.ts', argument);
      await child.hear('done', WAIT_MS);
    },
    async bareLoop(receiver, milliseconds) {
      const urls = Array.from({ length: 20 }, (_, target) => receiver.url('ok', target));
      const child = await start<Message, FromBareLoop>('bare loop', 'bare-loop.ts', { urls, milliseconds });
      return (await child.hear('done', milliseconds * 10 + 10_000)).perSecond;
    },
    async handshakes(url, count) {
      const child = await start<Message, FromHandshakes>('handshakes', 'handshakes.ts', { url, count });
      return await child.hear('done', WAIT_MS);
    },
    async rawBoss(options) {
      const child = await start<Message, FromRawBoss>('pg-boss', 'raw-boss.ts', { databaseUrl, ...options });
      return (await child.hear('done', options.milliseconds * 10 + 10_000)).perSecond;
    },
    async observe(unit, work) {
      const before = await readCpu(children, cluster.postmasterPid);
      const { count, value } = await work();
      const after = await readCpu(children, cluster.postmasterPid);
      return [value, describeCpu(before, after, count, unit)];
    },
    async measureCpu(work) {
      const before = await readCpu(children, cluster.postmasterPid);
      await work();
      return usedMs(before, await readCpu(children, cluster.postmasterPid));
    },
    async until(what, withinMs, isSo) {
      const endMs = performance.now() + withinMs;
      while (!(await isSo())) {
        if (performance.now() > endMs) throw new Error(`Not within ${withinMs / 1_000} s: ${what}`);
        await pause(20);
      }
    },
    async close() {
      await Promise.all(children.map((child) => child.end()));
      await stack.disposeAsync();
      await pool.end();
      await cluster.dropDatabase(databaseUrl);
    },
  };
}
