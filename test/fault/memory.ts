/**
 * Bursts of large bodies, at the memory settings of the start command: 2,048 requests of 256 KiB open at once, and 32 clients
 * that publish 8 MiB each. The service gets through, and everything arrives, on the machine as it is and in a container of
 * 512 MiB.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startService, type Service } from '../support/service.ts';
import { forkProcess } from '../support/processes/start.ts';
import { within } from './stage/check.ts';
import { startCluster } from './stage/cluster.ts';
import { createContainer, IN_CONTAINER } from './stage/container.ts';
import { createMember, publishHuge, type Member } from './stage/publish-huge.ts';
import { clearLater } from './stage/stage.ts';
import type { FromReluctant, ToReluctant } from './processes/reluctant.ts';
import type { Print } from './stream.ts';

const MIB = 1_024 * 1_024;
const CONTAINER_BYTES = 512 * MIB;
const PORTS = 512;
const OPEN = 2_048;
const PUBLISHERS = 32;
const EVENTS_PER_REQUEST = 32;
const BODY_CHARACTERS = 260_000;
const SHARED_TYPE = 'user.created';
/** For so long nobody reads. */
const HOLD_MS = 4_000;
const LONGEST_MS = 400_000;
/** Longer than the suite holds requests open, on a slow machine too. */
const ATTEMPT_TIMEOUT = '10m';
const PARTS = { requests: playRequests, publishers: playPublishers };

/** `only`: `requests`, `publishers`. */
export async function testMemory(print: Print, only: readonly string[]): Promise<void> {
  const unknown = only.filter((part) => !(part in PARTS));
  if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. Parts: ${Object.keys(PARTS).join(', ')}`);
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const { databaseUrl } = stack.use(await startCluster());
  for (const [part, play] of Object.entries(PARTS)) {
    if (only.length > 0 && !only.includes(part)) continue;
    await playOn({ databaseUrl, part, play, print });
    using container = createContainer(CONTAINER_BYTES);
    if (container) await playOn({ databaseUrl, part, play, print, container });
    else print(`${part}, in a container: skipped, no control group for memory can be made here`);
  }
}

type Receivers = Disposable & {
  readonly ports: readonly number[];
  tell(message: Exclude<ToReluctant, 'report'>): void;
  report(): Promise<Extract<FromReluctant, { waiting: number }>>;
};

type Play = (scene: { service: Service; receivers: Receivers; members: readonly Member[] }) => Promise<string>;

type Performance = {
  readonly databaseUrl: string;
  readonly part: string;
  readonly play: Play;
  readonly print: Print;
  readonly container?: { readonly environment: object; peakBytes(): number };
};

async function playOn({ databaseUrl, part, play, print, container }: Performance): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const receivers = stack.use(await startReceivers());
  // So many that all may hang at once: by default three eighths are for targets that do.
  const settings = {
    DATABASE_URL: databaseUrl,
    CONCURRENCY: '6000',
    ATTEMPT_TIMEOUT,
    ...container?.environment,
  };
  const service = stack.use(await startService(settings, container && IN_CONTAINER));
  const ended = once(service.process, 'exit').then(([code, signal]) => {
    throw new Error(`${part}: the service ended with ${signal ?? code}: ${service.output().slice(-2_000)}`);
  });
  const members = [await createMember(service, `${part} one`), await createMember(service, `${part} two`)];
  const playing = play({ service, receivers, members });

  const reached = await within(LONGEST_MS, Promise.race([playing, ended]), () => part);
  ended.catch(() => {}); // It ends with the stack.
  const peak = Math.round((container?.peakBytes() ?? (await peakOf(service))) / MIB);
  const place = container ? `in a container of ${CONTAINER_BYTES / MIB} MiB` : 'on the machine';
  print(`${part}, ${place}: ${reached}; peak ${peak} MiB`);
}

/**
 * Four events of 256 KiB, each to 512 targets: a body is in memory once, and 2,048 connections wait to take it. Each request has
 * a target of its own: of one that nobody knows, and that hangs, a worker opens one (src/pipeline/dispatch/lanes/lane.ts).
 */
async function playRequests({ service, receivers, members }: Parameters<Play>[0]): Promise<string> {
  const [{ apiKey, createTargets }] = members as [Member];
  const events = 4;
  const { ports } = receivers;
  await createTargets(
    Array.from({ length: OPEN }, (_, nth) => {
      return { url: `http://127.0.0.1:${ports[nth % ports.length]}/${nth}`, customerIds: [`customer-${nth % events}`] };
    }),
  );
  const load = { url: service.url, apiKey, eventTypes: [SHARED_TYPE], characters: BODY_CHARACTERS };
  await publishHuge({ ...load, perRequest: events, customers: events });
  await until(`${OPEN} requests are open`, async () => (await receivers.report()).waiting >= OPEN);
  await delay(HOLD_MS);
  receivers.tell('open');
  await until(`${OPEN} requests are answered`, async () => (await receivers.report()).answered >= OPEN);
  return `${OPEN} requests open at once, all answered`;
}

/** 1,024 events of 256 KiB with a body of their own, as fast as 32 clients get them in; two organizations share the budget. */
async function playPublishers({ service, receivers, members }: Parameters<Play>[0]): Promise<string> {
  const half = PORTS / members.length;
  for (const [nth, { createTargets }] of members.entries()) {
    const ports = receivers.ports.slice(nth * half, (nth + 1) * half);
    await createTargets(
      ports.map((port, index) => ({ url: `http://127.0.0.1:${port}/`, customerIds: [`customer-${index}`] })),
    );
  }
  const publishing = Array.from({ length: PUBLISHERS }, (_, nth) => {
    const { apiKey } = members[nth % members.length]!;
    const load = { url: service.url, apiKey, eventTypes: [SHARED_TYPE], characters: BODY_CHARACTERS };
    return publishHuge({ ...load, perRequest: EVENTS_PER_REQUEST, customers: half });
  });
  const refused = (await Promise.all(publishing)).reduce((sum, { refusals }) => sum + refusals, 0);
  await delay(HOLD_MS);
  const { waiting } = await receivers.report();
  receivers.tell('open');
  const expected = PUBLISHERS * EVENTS_PER_REQUEST;
  await until(`${expected} deliveries arrived`, async () => (await receivers.report()).answered >= expected);
  return `${expected} events published in ${PUBLISHERS} requests, ${refused} refused for now before; ${waiting} requests open at once, all answered`;
}

async function startReceivers(): Promise<Receivers> {
  const file = new URL('./processes/reluctant.ts', import.meta.url);
  const child = forkProcess(file, [String(PORTS)], { stdio: 'inherit' });
  const hear = () => once(child, 'message').then(([message]) => message);
  const { ports } = await hear();
  return {
    ports,
    tell: (message) => void child.send(message),
    report: () => (child.send('report'), hear()),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

/** NaN where there is no /proc. */
async function peakOf({ process: { pid } }: Service): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + LONGEST_MS / 2;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`Not within ${LONGEST_MS / 2_000} s: ${what}`);
    await delay(50);
  }
}
