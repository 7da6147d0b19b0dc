/** A server on a small schema of its own, with everything a protocol test has to reach: keys, log lines, the source. */
import { EventEmitter, once } from 'node:events';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { Registry } from 'prom-client';
import type { Caller } from '../../src/access/caller.ts';
import { RequestError } from '../../src/errors.ts';
import { createServer, type ServerOptions } from '../../src/server/server.ts';
import { createManualClock } from '../support/clock.ts';
import { ALONE } from '../support/fair-share.ts';
import { createLog } from '../support/log.ts';
import { createSource } from './source.ts';

export const API_KEY = 'hk_0123456789abcdefghijklmnopqrstuv';

const SDL = /* GraphQL */ `
  type Query {
    requestId: String!
    hello(name: String = "world"): String!
    "Needs a key."
    secret: String!
    nullableSecret: String
    forbidden: String
    "Throws what no client may see."
    boom: String
    boomRequired: String!
    "Cannot be serialized: our mistake."
    badNumber: Int
    badList: [Int]
    atLeast(count: Int! = 1): Int
    conflict: String
    color(of: Color): Color
    nested: Nested!
    "Answers when the test says so."
    slow: String!
  }
  enum Color {
    RED
    GREEN
  }
  type Nested {
    nested: Nested!
    name: String!
  }
  type Mutation {
    bump: Int!
    slowBump: Int!
  }
  type Subscription {
    "What the test emits."
    ticks(size: Int): Tick!
    refused: Tick!
    "Opens when the test says so."
    slowTicks: Tick!
  }
  type Tick {
    number: Int!
    text: String!
    boom: String
  }
`;

type Context = { readonly caller: Caller | null; readonly requestId: string };

const boom = () => {
  throw new Error('the database password is hunter2');
};
const needsKey = (_args: unknown, { caller }: Context) => {
  if (!caller) throw new RequestError('UNAUTHENTICATED', 'This field needs an API key.');
  return `for ${caller.apiKeyId}`;
};

export async function setup(overrides: Partial<ServerOptions> = {}) {
  const clock = createManualClock();
  const keys = new Map<string, Caller>([[API_KEY, callerOf('key1')]]);
  const { logger, lines, nextLine } = createLog();
  const source = createSource();
  const slow = createSlow();
  let bumps = 0;
  const schema = withRoots(buildSchema(SDL), {
    Query: {
      requestId: (_args: unknown, { requestId }: Context) => requestId,
      hello: ({ name }: { name: string }) => `Hello, ${name}`,
      secret: needsKey,
      nullableSecret: needsKey,
      forbidden: () => {
        throw new RequestError('FORBIDDEN', 'This field needs TARGETS_READ.');
      },
      boom,
      boomRequired: boom,
      badNumber: () => 'three',
      badList: () => 3,
      atLeast: ({ count }: { count: number }) => count,
      conflict: () => {
        throw new RequestError('IDEMPOTENCY_CONFLICT', 'Another request used this key.', { firstRequestId: 'r1' });
      },
      color: ({ of }: { of: string }) => of,
      nested: () => NESTED,
      slow: () => slow.run('done'),
    },
    Mutation: { bump: () => ++bumps, slowBump: () => slow.run(++bumps) },
    Subscription: {
      ticks: ({ size }: { size?: number }) => source.open(size ?? 10),
      slowTicks: async () => (await slow.run('done'), source.open(10)),
      refused: () => {
        throw new RequestError('CURSOR_EXPIRED', 'The cursor is too old.');
      },
    },
  });
  const server = createServer({
    schema,
    clock,
    logger,
    allowLoopbackPages: false,
    suggestNames: false,
    host: '127.0.0.1',
    port: 0,
    createContext: (caller, requestId) => ({ caller, requestId }),
    idempotency: { acquire: () => Promise.reject(new Error('There is no database here')) },
    actIn: async (caller, organizationId) => ({ ...caller, organizationId, actsFrom: caller.organizationId }),
    authenticator: { authenticate: async (apiKey) => unexpired(keys.get(apiKey), clock.now()) },
    rateLimit: { count: () => null },
    fairShare: ALONE,
    signatures: { use: async () => null },
    missing: async () => [],
    registry: new Registry(),
    jwks: async () => ({ keys: [{ kid: 'k1' }] }),
    allowedOrigins: ['https://console.example.com'],
    bodyBytes: 64 << 20,
    introspection: 'public',
    trustedProxies: [],
    ...overrides,
    timing: { keyCheckMs: 10, ...overrides.timing },
  });
  const { url, port, admin } = await server.listen();
  const dispose = () => server.close({ graceMs: 0 });
  return {
    server,
    url,
    port,
    adminUrl: admin?.url,
    clock,
    keys,
    lines,
    nextLine,
    source,
    slow,
    [Symbol.asyncDispose]: dispose,
  };
}

export const callerOf = (apiKeyId: string, expiresAt: Date | null = null): Caller => ({
  apiKeyId,
  apiKeyPrefix: 'hk_test',
  organizationId: 'organization1',
  scopes: new Set(),
  isPlatformAdmin: false,
  rateLimitPerMinute: null,
  organizationRateLimitPerMinute: null,
  publicKey: null,
  expiresAt,
});

const unexpired = (caller: Caller | undefined, now: Date): Caller | null =>
  caller && !(caller.expiresAt && caller.expiresAt <= now) ? caller : null;

const NESTED = {
  name: 'nested',
  get nested() {
    return NESTED;
  },
};

type Resolver = (args: never, context: Context) => unknown;

function withRoots(schema: GraphQLSchema, roots: Record<string, Record<string, Resolver>>): GraphQLSchema {
  for (const [type, resolvers] of Object.entries(roots)) {
    const fields = (schema.getType(type) as ReturnType<GraphQLSchema['getQueryType']>)!.getFields();
    for (const [name, resolver] of Object.entries(resolvers)) {
      const resolve = (_parent: unknown, args: unknown, context: unknown) =>
        resolver(args as never, context as Context);
      if (type !== 'Subscription') fields[name]!.resolve = resolve;
      else Object.assign(fields[name]!, { subscribe: resolve, resolve: (tick: unknown) => tick });
    }
  }
  return schema;
}

/** A field that waits in the middle of its work. */
function createSlow() {
  const events = new EventEmitter();
  const finished = Promise.withResolvers<void>();
  let startedCount = 0;
  return {
    /** Resolves when that many have begun. */
    async started(count = 1): Promise<void> {
      while (startedCount < count) await once(events, 'started');
    },
    finish: () => finished.resolve(),
    /** How many have begun. */
    get count() {
      return startedCount;
    },
    async run<T>(value: T): Promise<T> {
      startedCount++;
      events.emit('started');
      await finished.promise;
      return value;
    },
  };
}
