/**
 * Subscribers that stop reading, on a real API process: what they cost it in memory, what they cost the others in time, and
 * that they miss nothing when they read again. They keep saying that they are alive, so that no ping ends them.
 */
import { recordDeliveryChanges } from '../../src/live/changes/delivery-changes.ts';
import { createFixtures } from '../support/fixtures.ts';
import { systemClock } from '../../src/clock.ts';
import { openAcknowledged, type RawSocket } from '../support/client.ts';
import { tableHistory } from '../support/changes.ts';
import { percentile, requireHistory, within } from './stage/check.ts';
import { API_KEY } from './stage/service.ts';
import { setStage, type Stage } from './stage/stage.ts';
import type { Print } from './stream.ts';

const MIB = 1024 * 1024;
const READERS = 3;
const LIMITS = [
  [1, MIB],
  [100, 50 * MIB],
] as const;
/** 24 MB for each: no kernel keeps that much. */
const FILLING_CHANGES = 3_000;

export async function testSlow(print: Print): Promise<void> {
  await using stage = await setStage({ processes: 1 });
  const scene = await setScene(stage);
  await passChanges(scene, 20_000); // The process now remembers as many of the newest changes as it ever does.
  const alone = await passChanges(scene, 20_000);
  print(`nobody slow: changes seen after ${alone.p50Ms} ms (p50), ${alone.p99Ms} ms (p99)`);
  for (const [count, limitBytes] of LIMITS) {
    const { heldBytes, p50Ms, p99Ms } = await passBySlow(scene, count, 20_000);
    const [held, limit] = [heldBytes, limitBytes].map((bytes) => `${(bytes / MIB).toFixed(2)} MiB`);
    print(
      `${count} slow: they hold ${held} of at most ${limit}; the others see changes after ${p50Ms} ms, ${p99Ms} ms`,
    );
    if (heldBytes > limitBytes) throw new Error(`${count} slow subscribers hold ${held}`);
    if (p99Ms > 3 * alone.p99Ms + 200) throw new Error(`${count} slow subscribers delay the others`);
  }
  const { count } = await readAgain(scene, 20_000);
  print(`one that reads again: saw all ${count} in order, none twice`);
}

export type SlowScene = { readonly stage: Stage; readonly deliveryId: string; readonly eventId: string };

/** A delivery of an event of 8 KB: 20,000 changes of it are far over what the kernel keeps for a client. */
export async function setScene(stage: Stage): Promise<SlowScene> {
  const { organizationId, targetId } = stage.scene;
  const fixtures = createFixtures({ database: stage, clock: systemClock });
  const { id: eventId } = await fixtures.event({ organizationId, data: { text: 'x'.repeat(8_000) } });
  const { id: deliveryId } = await fixtures.delivery({ organizationId, targetId, eventId });
  return { stage, deliveryId, eventId };
}

/** Lets changes pass by slow subscribers, and weighs these: what is free once they have gone was theirs. */
export async function passBySlow(scene: SlowScene, count: number, changes: number) {
  const [process] = scene.stage.processes;
  const start = await scene.stage.cursor();
  const slow = await Promise.all(Array.from({ length: count }, () => openSlow(scene, start)));
  await passChanges(scene, FILLING_CHANGES); // Until then they are not slow: the kernel reads for them.
  const delays = await passChanges(scene, changes);
  const withThem = await process!.memory();
  for (const one of slow) one.leave();
  await until(async () => (await process!.metric('hookcast_open_websockets')) === 0);
  const withoutThem = await process!.memory();
  return { ...delays, heldBytes: withThem.heldBytes - withoutThem.heldBytes };
}

/** Lets changes pass by a slow subscriber, which then reads all of them. */
export async function readAgain(scene: SlowScene, changes: number): Promise<{ count: number }> {
  const start = await scene.stage.cursor();
  const slow = await openSlow(scene, start);
  await passChanges(scene, changes);
  const all = await tableHistory(scene.stage);
  const missed = all.slice(all.indexOf(scene.stage.placeOf(start)) + 1);
  requireHistory('a slow subscriber', await slow.readOn(missed.length), missed);
  slow.leave();
  return { count: missed.length };
}

const BIG =
  'subscription ($after: String) { deliveryStatusChanged(after: $after) { cursor delivery { event { body } } } }';
const SMALL = 'subscription ($after: String) { deliveryStatusChanged(after: $after) { cursor occurredAt } }';

type Payload = {
  readonly data: { readonly deliveryStatusChanged: { readonly cursor: string; readonly occurredAt: string } };
};

const subscribe = (query: string, variables = {}) => ({ id: '1', type: 'subscribe', payload: { query, variables } });

const changeOf = ({ payload }: Awaited<ReturnType<RawSocket['next']>>) =>
  (payload as Payload).data.deliveryStatusChanged;

/** Reads nothing from the moment it subscribes, until it is told to. */
async function openSlow({ stage }: SlowScene, after: string) {
  const socket = await openAcknowledged(stage.processes[0]!.origin, API_KEY);
  socket.socket.pause();
  socket.send(subscribe(BIG, { after }));
  const heartbeat = setInterval(() => socket.send({ type: 'pong' }), 5_000);
  return {
    async readOn(count: number): Promise<string[]> {
      socket.socket.resume();
      const seen: string[] = [];
      const read = async () => {
        while (seen.length < count) seen.push(stage.placeOf(changeOf(await socket.next()).cursor));
      };
      await within(60_000, read(), () => `a slow subscriber read ${seen.length} of ${count}`);
      return seen;
    },
    leave() {
      clearInterval(heartbeat);
      socket.socket.terminate();
    },
  };
}

const BATCH_CHANGES = 20;
const BATCH_MS = 10;

/** Commits changes at 2,000 a second; from commit to what a few readers see of it. */
async function passChanges({ stage, deliveryId, eventId }: SlowScene, changes: number) {
  const { organizationId, targetId } = stage.scene;
  const readers = await Promise.all(Array.from({ length: READERS }, () => openReader(stage, changes)));
  const startedMs = performance.now();
  for (let batch = 0; batch * BATCH_CHANGES < changes; batch++) {
    const waitMs = startedMs + batch * BATCH_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const change = { organizationId, targetId, deliveryId, eventId, eventType: 'user.created' } as const;
    const more = {
      previousStatus: 'PENDING',
      status: 'RETRYING',
      attemptNumber: null,
      occurredAt: new Date(),
    } as const;
    await recordDeliveryChanges(
      stage.pool,
      Array<typeof change & typeof more>(BATCH_CHANGES).fill({ ...change, ...more }),
    );
    stage.ring();
  }
  const delaysMs = (
    await within(60_000, Promise.all(readers.map((reader) => reader.delaysMs)), () => 'the readers')
  ).flat();
  return { p50Ms: percentile(delaysMs, 0.5), p99Ms: percentile(delaysMs, 0.99) };
}

type Reader = { readonly delaysMs: Promise<number[]> };

/** A subscriber that reads, and notes how old each change is. */
async function openReader({ processes, cursor }: Stage, changes: number): Promise<Reader> {
  const socket = await openAcknowledged(processes[0]!.origin, API_KEY);
  socket.send(subscribe(SMALL, { after: await cursor() }));
  const read = async () => {
    const delaysMs: number[] = [];
    while (delaysMs.length < changes) {
      const { occurredAt } = changeOf(await socket.next());
      delaysMs.push(Date.now() - Date.parse(occurredAt));
    }
    socket.socket.terminate();
    return delaysMs;
  };
  return { delaysMs: read() };
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
