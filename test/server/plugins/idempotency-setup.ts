/** The whole API behind two servers on one database, as two processes of a deployment are. */
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createActIn } from '../../../src/access/act-in.ts';
import type { Caller } from '../../../src/access/caller.ts';
import { createIdempotency, type Lease, type Idempotency } from '../../../src/database/idempotency.ts';
import { createContext } from '../../../src/schema/index.ts';
import { createServer } from '../../../src/server/server.ts';
import { setupObjects } from '../../schema/accepted.ts';
import type { GraphqlResult } from '../../support/client.ts';
import { ALONE } from '../../support/fair-share.ts';
import { KEY_HASH } from '../../support/master-key.ts';

type SendOptions = {
  readonly key?: string;
  readonly variables?: object;
  readonly as?: 'admin' | 'member' | 'stranger';
  readonly headers?: Readonly<Record<string, string>>;
};

export type Sent = {
  readonly status: number;
  /** The body as it came. */
  readonly text: string;
  readonly headers: Headers;
  readonly isReplayed: boolean;
  readonly body: GraphqlResult;
};

export async function setupServers() {
  const t = await setupObjects();
  const { database, clock, seal, fixtures, services, schema } = t;
  const idempotency = createIdempotency({ database, clock, ids: fixtures.ids, seal, keyHash: KEY_HASH });
  const callers = new Map(Object.entries({ admin: t.admin, member: t.member, stranger: t.stranger }));
  const authenticate = async (apiKey: string): Promise<Caller | null> => callers.get(apiKey) ?? null;

  const start = async (leases: Idempotency = idempotency) => {
    const server = createServer({
      schema,
      clock,
      allowLoopbackPages: false,
      suggestNames: false,
      host: '127.0.0.1',
      port: 0,
      bodyBytes: 64 << 20,
      introspection: 'key',
      trustedProxies: [],
      allowedOrigins: [],
      createContext: (caller, requestId) => createContext(services, caller, requestId),
      idempotency: leases,
      authenticator: { authenticate },
      actIn: createActIn(database),
      logger: pino({ level: 'silent' }),
      missing: async () => [],
      registry: new Registry(),
      jwks: async () => ({}),
      rateLimit: { count: () => null },
      fairShare: ALONE,
      signatures: { use: async () => null },
    });
    const { url } = await server.listen();
    return {
      url,
      async send(query: string, { key, variables, as = 'admin', headers }: SendOptions = {}): Promise<Sent> {
        const response = await fetch(`${url}/graphql`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/graphql-response+json',
            'x-api-key': as,
            ...(key !== undefined && { 'idempotency-key': key }),
            ...headers,
          },
          body: JSON.stringify({ query, variables }),
        });
        const text = await response.text();
        const isReplayed = response.headers.get('idempotency-replayed') === 'true';
        const { status } = response;
        return {
          status,
          text,
          headers: response.headers,
          isReplayed,
          body: text.startsWith('{') ? JSON.parse(text) : {},
        };
      },
      [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }),
    };
  };
  const first = await start();
  const second = await start();
  /** A server whose processes die when they have done their work, and before they can store the answer. */
  const startDying = () => start(withAnswer(idempotency, dieBeforeAnswer));
  return {
    ...t,
    first,
    second,
    idempotency,
    start,
    startDying,
    count: async (table: string): Promise<number> =>
      (await database.pool.query(`select count(*)::int as count from ${table}`)).rows[0].count,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([first, second].map((server) => server[Symbol.asyncDispose]()));
      await t[Symbol.asyncDispose]();
    },
  };
}

const withAnswer = (idempotency: Idempotency, answer: (lease: Lease) => Promise<boolean>): Idempotency => ({
  async acquire(request) {
    const outcome = await idempotency.acquire(request);
    if (outcome.state !== 'mine') return outcome;
    const { lease } = outcome;
    return { state: 'mine', lease: { ...lease, answer: () => answer(lease) } };
  },
});

async function dieBeforeAnswer(lease: Lease): Promise<never> {
  await lease.release(); // As the end of its lease would.
  throw new Error('Connection terminated unexpectedly');
}
