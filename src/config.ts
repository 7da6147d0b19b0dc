/**
 * Environment -> one frozen Config. The only reader of the environment: every setting, its default and its reason stand
 * on this page. All mistakes are reported at once.
 */
import { totalmem } from 'node:os';
import { parseMasterKey, parsePreviousMasterKeys } from './domain/seal/master-key.ts';
import { nearMiss } from './domain/near-miss.ts';
import {
  type Parse,
  expected,
  nonEmpty,
  integer,
  boolean,
  oneOf,
  publicOrKey,
  list,
  duration,
  durations,
  postgresUrl,
  schemaName,
  apiKey,
  brand,
  networks,
  ports,
  directory,
  origins,
  publicUrl,
  hosts,
  egressAddresses,
} from './domain/setting.ts';
import { parseEgressProxy, type EgressProxy } from './domain/targets/egress-proxy.ts';

export type Role = 'api' | 'worker';

export type Config = {
  /** local: a PostgreSQL of our own; loopback and http:// targets are allowed. production: DATABASE_URL is set. */
  readonly mode: 'local' | 'production';
  readonly host: string;
  readonly port: number;
  /** The port of /metrics and the probes; undefined: they listen on `port`. */
  readonly adminPort: number | undefined;
  readonly databaseUrl: string | undefined;
  /** Schema of pg-boss's tables; undefined: `pgboss`, or a name made from the schema of the URL. */
  readonly queueSchema: string | undefined;
  /** All connections of this process to PostgreSQL. */
  readonly databaseConnections: number;
  readonly dataDir: string;
  /** 32 bytes that seal secrets at rest; undefined in local mode, which keeps its key in dataDir. */
  readonly masterKey: Buffer | undefined;
  /** Keys that open sealed values, beside masterKey, and seal nothing. */
  readonly previousMasterKeys: readonly Buffer[];
  readonly bootstrapApiKey: string | undefined;
  readonly roles: ReadonlySet<Role>;
  readonly webhookBrand: string;
  readonly retryScheduleMs: readonly number[];
  readonly maxAttempts: number;
  readonly attemptTimeoutMs: number;
  /** A target is disabled after failing for this long, and this many times, without one success. */
  readonly disableAfterMs: number;
  readonly disableAfterFailures: number;
  /** Requests to targets that this process has open at once. */
  readonly concurrency: number;
  /** How many of these requests one target may have. */
  readonly targetConcurrency: number;
  /** Bytes of the bodies of these requests, together. */
  readonly inFlightBytes: number;
  /** CIDRs that targets may use although they are not public. */
  readonly allowedNetworks: readonly string[];
  readonly allowHttpTargets: boolean;
  /** Allows targets on the loopback addresses, and pages that this machine serves: in local mode only. */
  readonly allowLoopback: boolean;
  /** Whether errors of GraphQL suggest names of the schema: in local mode only. */
  readonly suggestNames: boolean;
  /** The only ports that targets may use; undefined: all ports but those of other protocols (domain/targets/port.ts). */
  readonly allowedPorts: readonly number[] | undefined;
  /** The proxy that all requests to targets take; undefined: they go out directly. */
  readonly egressProxy: EgressProxy | undefined;
  /** Whether that proxy resolves the names of targets: what they lead to is not judged here then. */
  readonly egressProxyResolves: boolean;
  /** The addresses, or CIDRs, that requests to targets come from, for customers and their firewalls. */
  readonly egressAddresses: readonly string[] | undefined;
  /** Origins of web pages that may call the API, e.g. https://console.example.com. */
  readonly allowedOrigins: readonly string[];
  /** The origin at which browsers reach the service; undefined: where it listens. Its pages are our own. */
  readonly publicUrl: string | undefined;
  /** Host names, with a port or without, whose pages are our own, like those of publicUrl. */
  readonly allowedHosts: readonly string[];
  /** Whether browsers get the console at `/`, and the portal at `/portal`. */
  readonly console: boolean;
  /** Origins of the sites that may show the portal in a frame. */
  readonly portalOrigins: readonly string[];
  /** Who may read the schema of the API: everybody, or callers with an API key. */
  readonly introspection: 'public' | 'key';
  /** CIDRs of proxies whose X-Forwarded-For is trusted. */
  readonly trustedProxies: readonly string[];
  /** Bytes of API requests that this process holds in memory at once. */
  readonly bodyBytes: number;
  /** The default of new API keys. */
  readonly rateLimitPerMinute: number;
  /** Operations per minute of an organization, for all its API keys together; undefined: no limit. */
  readonly organizationRateLimitPerMinute: number | undefined;
  /** Limits of an organization: API keys that are neither revoked nor expired, webhook targets that are not deleted. */
  readonly maxApiKeys: number;
  readonly maxTargets: number;
  /** Limits of an organization in this process: WebSockets, and open subscriptions over WebSockets and SSE together. */
  readonly maxSockets: number;
  readonly maxStreams: number;
  readonly eventCatalogs: readonly string[];
  /** Whether receivers get the header `traceparent`. */
  readonly propagateTrace: boolean;
  /** Whether spans name organizations and targets. */
  readonly traceTenants: boolean;
  /** Whether the service publishes events about what it does itself. */
  readonly serviceEvents: boolean;
  readonly retentionDays: number;
  /** How long the audit log is kept. */
  readonly auditRetentionDays: number;
  readonly logLevel: string;
  /** Variables of the environment that look like misspelt settings. */
  readonly misspelt: readonly Misspelt[];
};

export type Misspelt = { readonly name: string; readonly meant: string };

export type Environment = Readonly<Record<string, string | undefined>>;

/** For commands that talk to a service elsewhere: their few settings are in cli/service/client-settings.ts. */
export const processEnvironment = (): Environment => process.env;

/** Every mistake in the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(['The settings are not usable:', ...mistakes.map((mistake) => `  - ${mistake}`)].join('\n'));
    this.mistakes = mistakes;
  }
}

const MIB = 1_024 * 1_024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const CATALOGS = ['dakota', 'dfns', 'daya'];
/** A test compares it with the README. */
const README_API_KEY = 'local-admin-key-0123456789abcdefghij';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/**
 * How many bytes this process may use: those of its container where it has a limit, else those of the machine. Without a limit the
 * first is 0, or larger than any machine.
 */
const memoryOfProcess = (): number => Math.min(process.constrainedMemory() || Infinity, totalmem());

/** Throws a ConfigError that lists every mistake. `memoryBytes`: what the process may use. */
export function loadConfig(environment: Environment = process.env, memoryBytes = memoryOfProcess()): Config {
  const mistakes: string[] = [];
  const { read, findMisspelt } = reader(environment, mistakes);

  const databaseUrl = read('DATABASE_URL', undefined, postgresUrl);
  if (environment['DATABASE_URL']?.trim() === '') {
    mistakes.push('DATABASE_URL: expected a connection string, got an empty text; unset it for local mode');
  }
  const mode = databaseUrl === undefined ? 'local' : 'production';
  // The default of two budgets: 64 MiB, and less where the process has less than 1 GiB. Each of their bytes may be there three
  // times.
  const budgetBytes = Math.max(16 * MIB, Math.min(64 * MIB, Math.floor(memoryBytes / 16)));
  const masterKey = read('MASTER_KEY', undefined, parseMasterKey);
  if (mode === 'production' && !environment['MASTER_KEY']?.trim()) {
    mistakes.push('MASTER_KEY: required when DATABASE_URL is set; make one with `openssl rand -base64 32`');
  }
  const config: Config = {
    mode,
    host: read('HOST', mode === 'local' ? '127.0.0.1' : '0.0.0.0', nonEmpty),
    port: read('PORT', 4000, integer(0, 65_535)),
    adminPort: read('ADMIN_PORT', undefined, integer(0, 65_535)),
    databaseUrl,
    queueSchema: read('QUEUE_SCHEMA', undefined, schemaName),
    databaseConnections: read('DATABASE_CONNECTIONS', 9, integer(5, 1_000)),
    dataDir: read('DATA_DIR', '.data', directory),
    masterKey,
    previousMasterKeys: read('MASTER_KEY_PREVIOUS', [], parsePreviousMasterKeys),
    bootstrapApiKey: read('BOOTSTRAP_API_KEY', undefined, apiKey),
    roles: read('ROLES', new Set<Role>(['api', 'worker']), roles),
    webhookBrand: read('WEBHOOK_BRAND', 'Dakota', brand),
    retryScheduleMs: read('RETRY_SCHEDULE', durations('5m,10m,15m,30m,1h,2h,4h,8h,12h,20h'), durations),
    maxAttempts: read('MAX_ATTEMPTS', 10, integer(1, 1_000)),
    attemptTimeoutMs: read('ATTEMPT_TIMEOUT', 20_000, duration(100, 10 * 60_000)),
    // At least an hour: a shorter failure is an outage, and retries are for outages.
    disableAfterMs: read('DISABLE_AFTER', 5 * DAY_MS, duration(HOUR_MS, 365 * DAY_MS)),
    disableAfterFailures: read('DISABLE_AFTER_FAILURES', 20, integer(1, 1_000_000)),
    // 2,048 requests are 10,000 a second to targets that answer after 200 ms, and some 60 MB of sockets and buffers.
    concurrency: read('CONCURRENCY', 2_048, integer(1, 10_000)),
    // The widest that a target's lane may be. Below that, the target's own answers decide.
    targetConcurrency: read('TARGET_CONCURRENCY', 256, integer(1, 1_000)),
    // At least 16 MiB: one organization has half of it, which must hold the largest body.
    inFlightBytes: read('IN_FLIGHT_BYTES', budgetBytes, integer(16 * MIB, 4_096 * MIB)),
    allowedNetworks: read('ALLOWED_NETWORKS', [], networks),
    allowHttpTargets: read('ALLOW_HTTP_TARGETS', mode === 'local', boolean),
    allowLoopback: mode === 'local',
    suggestNames: mode === 'local',
    allowedPorts: read('ALLOWED_PORTS', undefined, ports),
    egressProxy: read('EGRESS_PROXY', undefined, parseEgressProxy),
    egressProxyResolves: read('EGRESS_PROXY_RESOLVES', false, boolean),
    egressAddresses: read('EGRESS_ADDRESSES', undefined, egressAddresses),
    allowedOrigins: read('ALLOWED_ORIGINS', [], origins),
    publicUrl: read('PUBLIC_URL', undefined, publicUrl),
    allowedHosts: read('ALLOWED_HOSTS', [], hosts),
    console: read('CONSOLE', true, boolean),
    // None, so that no site can lay the portal under a page of its own and have it clicked.
    portalOrigins: read('PORTAL_ORIGINS', [], origins),
    introspection: read('INTROSPECTION', mode === 'local' ? 'public' : 'key', publicOrKey),
    trustedProxies: read('TRUSTED_PROXIES', [], networks),
    // At least 16 MiB: half of it, the share of one organization, must hold the largest body.
    bodyBytes: read('BODY_BYTES', budgetBytes, integer(16 * MIB, 1_024 * MIB)),
    rateLimitPerMinute: read('RATE_LIMIT_PER_MINUTE', 100, integer(1, 1_000_000)),
    organizationRateLimitPerMinute: read('ORGANIZATION_RATE_LIMIT_PER_MINUTE', undefined, integer(1, 10_000_000)),
    // A thousand keys: one for each service of a large company. Each may have a rate limit of its own.
    maxApiKeys: read('MAX_API_KEYS', 1_000, integer(1, 1_000_000)),
    // A publish of one event to 10,000 targets is acknowledged within a second.
    maxTargets: read('MAX_TARGETS', 10_000, integer(1, 1_000_000)),
    // An idle socket with one stream takes about 35 KB: one organization takes 200 MB of a process at most.
    maxSockets: read('MAX_SOCKETS', 1_000, integer(1, 1_000_000)),
    maxStreams: read('MAX_STREAMS', 5_000, integer(1, 1_000_000)),
    eventCatalogs: read('EVENT_CATALOG', CATALOGS, catalogs),
    // On, so that whoever is subscribed to target.created is told. Off, such types are the clients' own, as in 0.1.0.
    serviceEvents: read('SERVICE_EVENTS', true, boolean),
    // Off: a trace id tells receivers nothing that they need, and lets them see which deliveries belong together.
    propagateTrace: read('PROPAGATE_TRACE', false, boolean),
    // Off: traces are often kept by somebody else, who need not learn who the customers are.
    traceTenants: read('TRACE_TENANTS', false, boolean),
    retentionDays: read('RETENTION_DAYS', 30, integer(1, 3_650)),
    // More than a year, so that a yearly event can be compared with the one before it.
    auditRetentionDays: read('AUDIT_RETENTION_DAYS', 400, integer(1, 3_650)),
    logLevel: read('LOG_LEVEL', 'info', oneOf(LOG_LEVELS)),
    misspelt: findMisspelt(), // The last one: by now every setting has been read.
  };
  if (config.adminPort === config.port && config.port !== 0) {
    mistakes.push(
      `ADMIN_PORT: expected another port than PORT, got ${config.port} for both; unset it to share the port`,
    );
  }
  if (config.egressProxyResolves && config.egressProxy === undefined && !environment['EGRESS_PROXY']?.trim()) {
    mistakes.push('EGRESS_PROXY_RESOLVES: expected EGRESS_PROXY beside it, got none; set it, or unset this one');
  }
  if (mode === 'production' && config.bootstrapApiKey === README_API_KEY) {
    mistakes.push(
      'BOOTSTRAP_API_KEY: expected a key of your own, got the example of the README, which everybody knows; make one with ' +
        '`openssl rand -hex 32`, and if this one was ever stored, end it with `hookcast keys revoke`',
    );
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(config);
}

/** Remembers which settings `read` was asked for: no other list of them exists. */
function reader(environment: Environment, mistakes: string[]) {
  const known = new Set<string>();
  const read = <T, D>(name: string, fallback: D, parse: Parse<T>): T | D => {
    known.add(name);
    const text = environment[name]?.trim();
    if (text === undefined || text === '') return fallback;
    try {
      return parse(text);
    } catch (error) {
      mistakes.push(`${name}: ${(error as Error).message}`);
      return fallback;
    }
  };
  const findMisspelt = (): Misspelt[] =>
    Object.keys(environment).flatMap((name) => {
      const meant = environment[name] === undefined ? undefined : nearMiss(name, known);
      return meant === undefined ? [] : [{ name, meant }];
    });
  return { read, findMisspelt };
}

const roles: Parse<Set<Role>> = (text) => {
  const names = list(text);
  if (names.length === 0 || !names.every((name): name is Role => name === 'api' || name === 'worker')) {
    return expected('api, worker or both, separated by a comma', text);
  }
  return new Set(names);
};

const catalogs: Parse<string[]> = (text) => {
  if (text === 'none') return [];
  const names = list(text);
  return names.every((name) => CATALOGS.includes(name))
    ? names
    : expected(`none, or some of ${CATALOGS.join(',')}`, text);
};
