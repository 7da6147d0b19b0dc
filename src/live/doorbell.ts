/**
 * Wakes code that waits for rows, in this process and in others. Nothing depends on it: every listener also polls.
 *
 * NOTIFY makes commits wait for each other, so it is never part of a transaction that does work. Rings are gathered and
 * sent as one statement on a connection of their own, at most once in GAP_MS.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { DatabaseConnector } from '../database/connect/database-connection.ts';
import { DEFAULT_SCHEMA } from '../database/connect/database-url.ts';
import { createListenConnection } from './listen-connection.ts';
import { pause } from './timing.ts';

/**
 * `changes`, `target_changes`, `event_changes`, `replay_changes`: rows were added to a history. `jobs`: jobs were added to the
 * queue. `deferrals`: a target takes no requests for a while, or takes them again. `leases`: a worker gave leases of targets
 * up. `held`: a worker holds deliveries for the worker that has the lease of their target. `certificates`: a target got another
 * client certificate, or none.
 */
export type Channel =
  | ('changes' | 'target_changes' | 'event_changes' | 'replay_changes')
  | ('jobs' | 'deferrals' | 'leases' | 'held' | 'certificates');

export type Doorbell = {
  /** Begins to connect, and does not wait for the connection. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Call it after the commit. Listeners of this process are called in the same turn of the event loop, others soon after. */
  ring(channel: Channel): void;
  /**
   * Calls `listener` after rings, and after every (re)connection, because rings may have been missed. Returns a function
   * that removes it.
   */
  on(channel: Channel, listener: () => void): () => void;
};

type Options = {
  readonly connector: DatabaseConnector;
  readonly clock: Clock;
  readonly onError: (error: Error) => void;
};

const CHANNELS: readonly Channel[] = [
  'changes',
  'target_changes',
  'event_changes',
  'replay_changes',
  'jobs',
  'deferrals',
  'leases',
  'held',
  'certificates',
];
const GAP_MS = 10;

/** The start of a channel's name. Channels belong to the database, so each schema needs its own. At most 63 bytes in all. */
const prefixOf = (schema: string): string =>
  schema === DEFAULT_SCHEMA
    ? 'hookcast_'
    : `hookcast_${createHash('sha256').update(schema).digest('hex').slice(0, 24)}_`;

export function createDoorbell({ connector, clock, onError }: Options): Doorbell {
  const prefix = prefixOf(connector.schema);
  const listeners: Record<Channel, Set<() => void>> = {
    changes: new Set(),
    target_changes: new Set(),
    event_changes: new Set(),
    replay_changes: new Set(),
    jobs: new Set(),
    deferrals: new Set(),
    leases: new Set(),
    held: new Set(),
    certificates: new Set(),
  };
  const heard = new Set<Channel>();
  const unsent = new Set<Channel>();
  let isSending = false;
  let isStopped = false;

  const callListeners = (): void => {
    const channels = [...heard];
    heard.clear();
    for (const listener of channels.flatMap((channel) => [...listeners[channel]])) {
      try {
        listener();
      } catch (error) {
        onError(error as Error);
      }
    }
  };

  /** Calls the listeners: once for all rings of one turn of the event loop. */
  const hear = (channel: Channel): void => {
    if (heard.size === 0) setImmediate(callListeners);
    heard.add(channel);
  };

  const send = async (): Promise<void> => {
    if (isSending) return;
    isSending = true;
    while (unsent.size > 0 && line.isConnected()) {
      const channels = [...unsent];
      unsent.clear();
      const names = channels.map((channel) => `${prefix}${channel}`);
      const sent = line.notify(names).catch((error: Error) => {
        for (const channel of channels) unsent.add(channel);
        if (!isStopped) onError(error);
      });
      await Promise.all([sent, pause(GAP_MS)]);
    }
    isSending = false;
  };

  const line = createListenConnection({
    connector,
    clock,
    channels: CHANNELS.map((channel) => `${prefix}${channel}`),
    onError,
    onConnected() {
      CHANNELS.forEach(hear);
      void send();
    },
    onNotification(name) {
      const channel = CHANNELS.find((each) => name === `${prefix}${each}`);
      if (channel) hear(channel);
    },
  });

  return {
    async start() {
      line.start();
    },
    async stop() {
      isStopped = true;
      await line.stop();
    },
    ring(channel) {
      hear(channel);
      unsent.add(channel);
      void send();
    },
    on(channel, listener) {
      listeners[channel].add(listener);
      return () => void listeners[channel].delete(listener);
    },
  };
}
