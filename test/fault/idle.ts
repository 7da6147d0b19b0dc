/** Thousands of subscribers with a socket each on one API process: what each of them weighs, and how soon all see a change. */
import { WebSocket } from 'ws';
import { percentile, within } from './stage/check.ts';
import { API_KEY, type ApiProcess } from './stage/service.ts';
import { setStage, type Stage } from './stage/stage.ts';
import type { Print } from './stream.ts';

const SUBSCRIBERS = 5_000;
const OPENED_AT_ONCE = 50;
const CHANGES = 20;
const BUDGET_BYTES = 40_000;
const SEEN_WITHIN_MS = 1_000;

export async function testIdle(print: Print): Promise<void> {
  // They all have one key: what an organization may hold is not what is measured.
  const limits = { MAX_SOCKETS: String(2 * SUBSCRIBERS), MAX_STREAMS: String(2 * SUBSCRIBERS) };
  await using stage = await setStage({ processes: 1, environment: limits });
  const process = stage.processes[0]!;
  // A process at work has the young generation of its heap at full size; that is not the weight of a subscriber.
  const warmUp = await openAudience(process, 1_000);
  await showChanges(stage, warmUp, CHANGES);
  await warmUp.leave();
  const before = await process.memory();

  const audience = await openAudience(process, SUBSCRIBERS);
  const idle = await process.memory();
  const delaysMs = await showChanges(stage, audience, CHANGES);
  const after = await process.memory();
  await audience.leave();
  const left = await process.memory();

  const each = (bytes: number) => Math.round(bytes / SUBSCRIBERS);
  const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
  const residentBytes = each(after.residentBytes - before.residentBytes);
  print(
    `${SUBSCRIBERS} subscribers hold ${kilobytes(each(idle.heldBytes - before.heldBytes))} each when idle, ` +
      `${kilobytes(each(after.heldBytes - before.heldBytes))} after ${CHANGES} changes, ` +
      `${kilobytes(each(left.heldBytes - before.heldBytes))} when they have gone`,
  );
  print(`resident memory: ${kilobytes(residentBytes)} each of at most ${kilobytes(BUDGET_BYTES)}`);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => Math.round(percentile(delaysMs, share)));
  print(`a change is seen by all: p50 ${p50Ms} ms, p99 ${p99Ms} ms of at most ${SEEN_WITHIN_MS} ms`);
  if (residentBytes > BUDGET_BYTES) throw new Error(`A subscriber takes ${residentBytes} bytes`);
  if (p99Ms! > SEEN_WITHIN_MS) throw new Error(`A change takes ${p99Ms} ms`);
}

type Audience = {
  readonly size: number;
  /** Resolves when every subscriber has seen one more change, with how long each took since `startedMs`. */
  seen(startedMs: number): Promise<number[]>;
  leave(): Promise<void>;
};

const INIT = JSON.stringify({ type: 'connection_init', payload: { apiKey: API_KEY } });
const QUERY = `subscription Watch($after: String, $filter: DeliveryStreamFilter) {
  deliveryStatusChanged(after: $after, filter: $filter) { cursor status delivery { id status target { id url } } }
}`;
const SUBSCRIBE = JSON.stringify({ id: '1', type: 'subscribe', payload: { query: QUERY } });

async function openAudience(process: ApiProcess, size: number): Promise<Audience> {
  const sockets: WebSocket[] = [];
  let onChange = () => {};
  const open = async () => {
    const socket = new WebSocket(`${process.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    sockets.push(socket);
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject).on('open', () => socket.send(INIT));
      socket.once('message', () => {
        socket.on('message', () => onChange());
        socket.send(SUBSCRIBE, () => resolve());
      });
    });
  };
  while (sockets.length < size) await Promise.all(Array.from({ length: OPENED_AT_ONCE }, open));
  await untilStreams(process, size);
  return {
    size,
    seen: (startedMs) =>
      new Promise((resolve) => {
        const delaysMs: number[] = [];
        onChange = () => {
          if (delaysMs.push(performance.now() - startedMs) === size) resolve(delaysMs);
        };
      }),
    async leave() {
      for (const socket of sockets) socket.terminate();
      await untilStreams(process, 0);
    },
  };
}

async function untilStreams(process: ApiProcess, count: number): Promise<void> {
  const open = () => process.metric('hookcast_open_streams{transport="websocket"}');
  while ((await open()) !== count) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** One change after another; how long each of them took to each subscriber, from its commit. */
async function showChanges({ scene, record }: Stage, audience: Audience, changes: number): Promise<number[]> {
  const delaysMs: number[] = [];
  for (let nth = 0; nth < changes; nth++) {
    const seen = audience.seen(performance.now());
    await record(scene.deliveryIds[nth % scene.deliveryIds.length]!);
    delaysMs.push(...(await within(30_000, seen, () => `change ${nth} of ${changes} to ${audience.size} subscribers`)));
  }
  return delaysMs;
}
