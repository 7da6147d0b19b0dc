/** A connection only for LISTEN and NOTIFY. It connects again whenever it breaks. */
import { Socket } from 'node:net';
import pg from 'pg';
import type { Clock } from '../clock.ts';
import { DatabaseConnection, type DatabaseConnector } from '../database/connect/database-connection.ts';
import { UNLIMITED, type Session } from '../database/connect/session.ts';
import { backoffMs, pause } from './timing.ts';

export type ListenConnection = {
  /** Begins to connect, and does not wait for the connection. */
  start(): void;
  stop(): Promise<void>;
  isConnected(): boolean;
  notify(channels: readonly string[]): Promise<void>;
};

type Options = {
  readonly connector: DatabaseConnector;
  readonly channels: readonly string[];
  readonly clock: Clock;
  readonly onConnected: () => void;
  /** Called for a NOTIFY from another connection. */
  readonly onNotification: (channel: string) => void;
  /** Called once for each outage. */
  readonly onError: (error: Error) => void;
};

/** How often the connection is tried, to find out that it is dead although no error came. It is not urgent. */
const HEARTBEAT_MS = 10_000;
const ANSWER_MS = 5_000;
const LISTENING: Session = { ...UNLIMITED, statementTimeoutMs: ANSWER_MS };

export function createListenConnection({
  connector,
  channels,
  clock,
  onConnected,
  onNotification,
  onError,
}: Options): ListenConnection {
  const listen = channels.map((channel) => `listen ${pg.escapeIdentifier(channel)}`).join('; ');
  // A NOTIFY writes to the log of PostgreSQL, and its listeners are woken after its commit. A ring that is lost in a crash is
  // rung again by every listener that connects, so the commit waits neither for the disk nor for a standby.
  const prepare = `set synchronous_commit = off; ${listen}`;
  let connected: pg.Client | undefined;
  let failures = 0;
  let run: { readonly abort: AbortController; readonly finished: Promise<void> } | undefined;

  /** Connects and stays connected; rejects when the connection ends. */
  const hold = async (signal: AbortSignal): Promise<never> => {
    const socket = new Socket();
    const client = new DatabaseConnection({
      connector,
      session: LISTENING,
      applicationName: 'hookcast doorbell',
      stream: () => socket,
      connectTimeoutMs: ANSWER_MS,
      answerTimeoutMs: ANSWER_MS,
      pipeline: true, // So a ring does not wait for the heartbeat's answer.
    });
    const gone = new AbortController();
    client.on('error', (error) => gone.abort(error));
    client.on('end', () => gone.abort(new Error('The connection for LISTEN ended')));
    // Destroying the socket ends whatever is under way; `end` would wait for a server that may never answer.
    const hangUp = () => socket.destroy();
    signal.addEventListener('abort', hangUp);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
      client.on('notification', ({ channel, processId }) => {
        if (processId !== rows[0]?.pid) onNotification(channel);
      });
      await client.query(prepare);
      connected = client;
      failures = 0;
      onConnected();
      for (;;) {
        await pause(HEARTBEAT_MS, gone.signal);
        gone.signal.throwIfAborted();
        await client.query('select 1');
      }
    } finally {
      connected = undefined;
      signal.removeEventListener('abort', hangUp);
      hangUp();
    }
  };

  const keep = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted) {
      try {
        await hold(signal);
      } catch (error) {
        if (failures === 0 && !signal.aborted) onError(error as Error);
      }
      // The random part keeps processes that lost their connections at the same moment from connecting all at once.
      await pause(backoffMs(failures++) * (0.5 + clock.random()), signal);
    }
  };

  return {
    start() {
      if (run) return;
      const abort = new AbortController();
      run = { abort, finished: keep(abort.signal) };
    },
    async stop() {
      run?.abort.abort();
      await run?.finished;
      run = undefined;
    },
    isConnected: () => connected !== undefined,
    async notify(names) {
      if (!connected) throw new Error('NOTIFY cannot be sent: its connection is down and is opened again');
      await connected.query(`select pg_notify(name, '') from unnest($1::text[]) as name`, [names]);
    },
  };
}
