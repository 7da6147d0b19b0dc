/** A PostgreSQL of its own, as durable as in production, behind a gate: an address that survives its crashes. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../../src/database/embedded.ts';
import { createFolder } from '../../support/processes/reaper.ts';
import { openGate } from './gate.ts';

export type Cluster = AsyncDisposable & {
  /** Through the gate: the same for as long as the cluster is there. */
  readonly databaseUrl: string;
  /**
   * Past the gate, until the next crash. For what measures: the gate is a hop through the process of the suite, which takes a sixth
   * of a processor under 1,600 deliveries a second, and every answer waits for that process's event loop.
   */
  readonly directUrl: string;
  /** Stops Postgres without a checkpoint, as a power failure would, and starts it again. */
  crash(): Promise<void>;
  /** Starts Postgres again if it has given up, as its supervisor would. Returns whether it had. */
  revive(): Promise<boolean>;
  /** Ends the connections for LISTEN and lets none through, as a pooler or a firewall may. */
  blockListen(): void;
};

/** What a connection for LISTEN is called, in the first message that its client sends. */
const LISTENER = 'hookcast doorbell';

type Options = {
  /** Where its data is kept. Default: a folder of its own, which is removed in the end. */
  readonly directory?: string;
  readonly settings?: Readonly<Record<string, string>>;
};

export async function startCluster(options: Options = {}): Promise<Cluster> {
  const folder = options.directory === undefined ? await createFolder('hookcast-fault-') : undefined;
  const directory = options.directory ?? folder!.path;
  const { settings = {} } = options;
  const start = () => startEmbeddedPostgres({ directory, newPassword: randomBytes(16).toString('hex'), settings });
  let postgres = await start();
  const listeners = new Set<Socket>();
  let isListenBlocked = false;
  const gate = await openGate({
    port: () => Number(new URL(postgres.databaseUrl).port),
    admit(startup, client) {
      if (!startup.includes(LISTENER)) return true;
      listeners.add(client);
      client.on('close', () => listeners.delete(client));
      return !isListenBlocked;
    },
  });
  const url = new URL(postgres.databaseUrl);
  url.port = String(gate.port);
  return {
    databaseUrl: url.href,
    get directUrl() {
      return postgres.databaseUrl;
    },
    async crash() {
      await postgres.stop('immediate');
      postgres = await start();
    },
    async revive() {
      if (await answers(postgres.databaseUrl)) return false;
      await postgres.stop('immediate').catch(() => {}); // It may just be starting again by itself.
      postgres = await start();
      return true;
    },
    blockListen() {
      isListenBlocked = true;
      for (const socket of listeners) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      gate[Symbol.dispose]();
      await postgres.stop('immediate');
      await folder?.[Symbol.asyncDispose]();
    },
  };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  );
}
