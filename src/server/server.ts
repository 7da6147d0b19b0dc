import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import type { Registry } from 'prom-client';
import type { Log } from '../log-event.ts';
import type { Tracing } from '../tracing.ts';
import type { ActIn } from '../access/act-in.ts';
import type { Authenticator } from '../access/authenticate.ts';
import type { RateLimit } from '../access/rate-limit.ts';
import type { Signatures } from '../access/signatures.ts';
import type { Clock } from '../clock.ts';
import type { Idempotency } from '../database/idempotency.ts';
import type { FairShare } from '../fairness/fair-share.ts';
import { createIdentify } from './plugins/authentication.ts';
import { createOriginPolicy } from './plugins/cors.ts';
import { createBodyBudget } from './intake/body-budget.ts';
import { createGate } from './gate.ts';
import { createAddressOf } from './intake/client-address.ts';
import { createStrangers, STRANGER_LIMITS, type StrangerLimits } from './intake/strangers.ts';
import { createWaitingRoom } from './intake/waiting-room.ts';
import { createAllowance, KEY_LIMITS, type KeyLimits } from './key-limits.ts';
import { createKeyWatch } from './key-watch.ts';
import { createPresentError } from './plugins/mask-errors.ts';
import { type ListenAddress, listenOn, originsAt } from './listen.ts';
import { createMetrics } from './metrics.ts';
import type { ConsoleOptions } from './pages/console.ts';
import { createRequestLog } from './plugins/request-log.ts';
import { mistakeOfHead } from './request-head.ts';
import { createAdminRouter, createRouter, pathOf, type RouterOptions } from './router.ts';
import { createStreams } from './streams/streams.ts';
import { createSubscribe } from './streams/subscribe.ts';
import { createWebSockets, refuseUpgrade } from './streams/websocket.ts';
import { type CreateContext, createGraphql, GRAPHQL_PATH } from './yoga.ts';

export type ServerOptions = {
  readonly schema: GraphQLSchema;
  readonly createContext: CreateContext;
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly actIn: ActIn;
  readonly rateLimit: RateLimit;
  readonly signatures: Signatures;
  readonly idempotency: Idempotency;
  readonly fairShare: Pick<FairShare, 'note' | 'enter' | 'begin'>;
  /** From 0 to 1: how much deliveries of this process need what streams take of the processor. Default: nothing. */
  readonly deliveryStrain?: () => number;
  readonly clock: Clock;
  readonly logger: Log;
  /** Whether pages that this machine serves, on any port, may call the API. */
  readonly allowLoopbackPages: boolean;
  /** Whether errors of GraphQL suggest names of the schema. */
  readonly suggestNames: boolean;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** A separate port for /metrics and the probes, 0 for any free port; undefined: /metrics is on `port`. */
  readonly adminPort?: number | undefined;
  /** Names what this process needs for its work and does not have now. */
  readonly missing: () => Promise<readonly string[]>;
  /** The server adds its metrics to this registry, and /metrics shows the registry. */
  readonly registry: Registry;
  readonly jwks: () => Promise<object>;
  readonly egressAddresses?: readonly string[] | undefined;
  /** Origins of web pages, such as https://console.example.com, that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** The origin at which browsers reach the service; undefined: where it listens. */
  readonly publicUrl?: string | undefined;
  /** Further hosts at which browsers reach it, e.g. hooks.example.com or localhost:8080. */
  readonly allowedHosts?: readonly string[];
  /** The pages for people; undefined: there are none. */
  readonly console?: ConsoleOptions | undefined;
  /** Bytes of requests that may be in memory at once. */
  readonly bodyBytes: number;
  /** Who may ask for the schema: everybody, or callers with an API key. */
  readonly introspection: 'public' | 'key';
  /** CIDRs of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Undefined: operations are not traced. */
  readonly tracing?: Tracing | undefined;
  readonly timing?: Partial<Timing>;
  readonly keyLimits?: Partial<KeyLimits>;
  readonly strangerLimits?: Partial<StrangerLimits>;
};

export type Timing = {
  /** How often the keys of open streams are checked. */
  readonly keyCheckMs: number;
  /** How long a socket may take to send `connection_init`. */
  readonly initTimeoutMs: number;
  /** How often each stream and socket is pinged. */
  readonly pingMs: number;
  /** The shortest time after which an EventSource whose stream ended comes back (event-stream.ts). */
  readonly retryMs: number;
  /** How long a client may take to send its headers. */
  readonly headersMs: number;
  /** How long a client without a key may take to send its body, once its headers are there. */
  readonly strangerBodyMs: number;
  /** How long a client may go on sending after its answer. */
  readonly restMs: number;
  /** How long a refusal is held when its address has been refused often (hold-refusals.ts). */
  readonly refusalMs: number;
};

export type Server = {
  /** `admin`: where `adminPort` listens. */
  listen(): Promise<ListenAddress & { readonly admin: ListenAddress | undefined }>;
  /**
   * Stops accepting, ends the streams so that their clients connect elsewhere (WebSocket 1001, SSE SERVICE_UNAVAILABLE),
   * lets requests in flight finish for `graceMs`, then closes what is left. Idempotent.
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
};

const TIMING: Timing = {
  keyCheckMs: 1_000,
  initTimeoutMs: 3_000,
  pingMs: 12_000,
  retryMs: 1_000,
  headersMs: 10_000,
  strangerBodyMs: 5_000,
  restMs: 2_000,
  refusalMs: 1_000,
};
const GRACE_MS = 10_000;

/** A client has `requestTimeout` to send its whole request. */
const HTTP_LIMITS = {
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
  // Some clients offer HTTP/2 by an upgrade on their first request. The offer is ignored.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
};

/** The HTTP side of the product: GraphQL over HTTP, SSE and WebSocket, GraphiQL, and the paths that machines ask. */
export function createServer(options: ServerOptions): Server {
  const { clock, logger } = options;
  const timing = { ...TIMING, ...options.timing };
  const metrics = createMetrics(options.registry);
  let listening: readonly string[] = [];
  const streams = createStreams();
  const keyWatch = createKeyWatch({ ...options, intervalMs: timing.keyCheckMs });
  const limits = { ...KEY_LIMITS, ...options.keyLimits };
  const strangerLimits = { ...STRANGER_LIMITS, ...options.strangerLimits };
  const present = createPresentError({ logger, clock });
  const parts = {
    ...options,
    metrics,
    streams,
    present,
    subscribe: createSubscribe({ ...options, present }),
    sockets: createAllowance(limits.socketsPerKey, limits.socketsPerOrganization),
    openStreams: createAllowance(limits.streamsPerKey, limits.streamsPerOrganization),
    timing,
    strangers: createStrangers(strangerLimits, clock),
    addressOf: createAddressOf(options.trustedProxies),
    waitingRoom: createWaitingRoom(strangerLimits, clock),
    bodyBudget: createBodyBudget(options.bodyBytes),
    identify: createIdentify({ ...options, keyWatch }),
    allowsOrigin: createOriginPolicy({
      allowLoopbackPages: options.allowLoopbackPages,
      allowedOrigins: options.allowedOrigins,
      publicUrl: options.publicUrl,
      allowedHosts: options.allowedHosts ?? [],
      listening: () => listening,
    }),
    requestLog: createRequestLog({ logger, clock, metrics }),
  };
  const graphql = createGraphql(parts);
  const webSockets = createWebSockets({ ...parts, ...timing, graphql });
  let closed: Promise<void> | undefined;

  const routes = {
    ...options,
    graphql: createGate(parts, (...[request, response, admission]) => graphql(request, response, { admission })),
    missing: async () => (closed ? ['stopping'] : options.missing()),
  } satisfies RouterOptions;
  const serve = createRouter(routes);
  const { headersMs: headersTimeout } = timing;
  // How often Node looks for connections whose time is up.
  const deadlines = { ...HTTP_LIMITS, headersTimeout, connectionsCheckingInterval: headersTimeout / 5 };
  const admin = options.adminPort === undefined ? undefined : createHttpServer(deadlines, createAdminRouter(routes));
  const http = createHttpServer(deadlines, (request, response) => {
    response.once('close', () => {
      if (closed) setImmediate(() => http.closeIdleConnections());
    });
    void serve(request, response);
  });
  http.on('upgrade', (request, socket, head) => {
    if (mistakeOfHead(request) !== null) refuseUpgrade(socket, '400 Bad Request');
    else if (pathOf(request) === GRAPHQL_PATH) webSockets.upgrade(request, socket, head);
    else refuseUpgrade(socket, '404 Not Found');
  });

  async function close(graceMs: number): Promise<void> {
    const stopped = http.listening ? new Promise((resolve) => http.close(resolve)) : undefined;
    const deadline = setTimeout(() => http.closeAllConnections(), graceMs);
    streams.stopAll();
    await webSockets.close(graceMs);
    await stopped;
    clearTimeout(deadline);
    admin?.close(); // Closed last, so that the probes answer until here.
    admin?.closeAllConnections();
    keyWatch.stop();
  }

  return {
    async listen() {
      const { adminPort } = options;
      const adminAddress = admin && (await listenOn(admin, { ...options, port: adminPort! }));
      try {
        const address = await listenOn(http, options);
        listening = originsAt(options.host, address.port);
        return { ...address, admin: adminAddress };
      } catch (error) {
        admin?.close();
        throw error;
      }
    },
    close: ({ graceMs = GRACE_MS } = {}) => (closed ??= close(graceMs)),
  };
}
