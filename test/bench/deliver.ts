/** Deliveries end to end: published over HTTP, sent by the worker, counted where they arrive. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Service } from './service.ts';
import type { Publisher, Receiver, ReceiverOptions, Stage } from './stage.ts';
import { createTargets, eventTypeNames } from './targets.ts';

export type Delivering = {
  readonly service: Service;
  readonly receiver: Receiver;
  readonly publisher: Publisher;
  readonly eventTypes: readonly string[];
  readonly targetsPerEvent: number;
  /** Ordering keys of its events, that many. Default: none, and its targets want no order. */
  readonly keys?: number;
};

export const TARGETS = 20;
/** Deliveries until a fresh service is about as fast as it gets. */
const WARM_UP = 10_000;
const WAIT_MS = 300_000;

/**
 * 20 targets: all subscribed to one event type, or each to its own. `scene`: of several on one service, from 0. `keys`: the targets
 * have the ordering KEY, and the events so many ordering keys.
 */
export async function setUp(
  stage: Stage,
  service: Service,
  targetsPerEvent: 1 | typeof TARGETS,
  { scene = 0, keys, ...options }: ReceiverOptions & { readonly scene?: number; readonly keys?: number } = {},
): Promise<Delivering> {
  const [receiver, publisher] = await Promise.all([stage.startReceiver(TARGETS, options), stage.startPublisher()]);
  const types = TARGETS / targetsPerEvent;
  const eventTypes = (await eventTypeNames(stage.pool, types * (scene + 1))).slice(-types);
  const targets = Array.from({ length: TARGETS }, (_, index) => ({
    url: receiver.url('ok', index),
    eventTypes: [eventTypes[index % eventTypes.length]!],
    ...(keys && { ordering: 'KEY' as const }),
  }));
  await createTargets(service, targets);
  return { service, receiver, publisher, eventTypes, targetsPerEvent, ...(keys && { keys }) };
}

/** Warms up, and returns how many deliveries make a round of this length: on a slow machine a round is smaller, not longer. */
export async function warmUp(scene: Delivering, roundSeconds: number): Promise<number> {
  const perSecond = await deliver(scene, WARM_UP);
  return Math.min(40_000, Math.max(5_000, Math.round((perSecond * roundSeconds) / 1_000) * 1_000));
}

/**
 * Publishes as fast as it is accepted; deliveries per second from the first publish to the last request received.
 * `singly`: one event a request, from so many clients. Default: many events a request.
 */
export async function deliver(
  { service, receiver, publisher, eventTypes, targetsPerEvent, keys }: Delivering,
  deliveries: number,
  singly?: number,
): Promise<number> {
  const perRequest = singly ? 1 : targetsPerEvent === 1 ? 100 : 50;
  const events = Math.ceil(deliveries / targetsPerEvent / perRequest) * perRequest;
  const expected = events * targetsPerEvent;
  receiver.tell({ type: 'reset' });
  const reached = receiver.ask({ type: 'expect', count: expected }, 'reached', WAIT_MS);
  const load = { url: service.url, eventTypes, perRequest, connections: singly ?? 4, events, ...(keys && { keys }) };
  const [{ startedAt }, { lastAt }] = await Promise.all([publisher.publish(load), reached]);
  await pause(300); // The last ones settle.
  return expected / ((lastAt - startedAt) / 1_000);
}
