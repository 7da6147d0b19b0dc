/**
 * Environment -> one frozen Config. The only reader of the environment: every setting, its default and its reason stand
 * on this page. All mistakes are reported at once.
 */
import { isIP } from 'node:net';

export type Role = 'api' | 'worker';

export type Config = {
  /** local: a PostgreSQL of our own, loopback and http:// targets allowed. production: DATABASE_URL is set. */
  readonly mode: 'local' | 'production';
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string | undefined;
  /** Schema of pg-boss's tables; undefined: `pgboss`, or named after the schema of the URL. */
  readonly queueSchema: string | undefined;
  /** Connections of this process to PostgreSQL, all told. */
  readonly databaseConnections: number;
  readonly dataDir: string;
  /** 32 bytes that seal secrets at rest; undefined in local mode, where the key is made in dataDir. */
  readonly masterKey: Buffer | undefined;
  /** Keys that open what is sealed, beside masterKey, and seal nothing. */
  readonly previousMasterKeys: readonly Buffer[];
  readonly bootstrapApiKey: string | undefined;
  readonly roles: ReadonlySet<Role>;
  readonly webhookBrand: string;
  readonly retryScheduleMs: readonly number[];
  readonly maxAttempts: number;
  readonly attemptTimeoutMs: number;
  /** A target is disabled after failing for this long, and this often, without one success. */
  readonly disableAfterMs: number;
  readonly disableAfterFailures: number;
  readonly concurrency: number;
  readonly targetConcurrency: number;
  /** CIDRs that targets may use although they are not public. */
  readonly allowedNetworks: readonly string[];
  readonly allowHttpTargets: boolean;
  /** The only ports that targets may use; undefined: all but those of other protocols (domain/port.ts). */
  readonly allowedPorts: readonly number[] | undefined;
  /** Origins of web pages that may call the API, e.g. https://console.example.com. */
  readonly allowedOrigins: readonly string[];
  /** Who may ask for the schema of the API: everybody, or callers with an API key. */
  readonly introspection: 'public' | 'key';
  /** CIDRs of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Bytes of requests to the API that this process has in memory at once. */
  readonly bodyBytes: number;
  /** Default of new API keys. */
  readonly rateLimitPerMinute: number;
  /** Operations per minute of an organization, all its API keys together; undefined: no limit. */
  readonly organizationRateLimitPerMinute: number | undefined;
  /** Of an organization: API keys that are neither revoked nor expired, webhook targets that are not deleted. */
  readonly maxApiKeys: number;
  readonly maxTargets: number;
  /** Of an organization in this process: WebSockets, and open subscriptions over WebSockets and SSE together. */
  readonly maxSockets: number;
  readonly maxStreams: number;
  readonly eventCatalogs: readonly string[];
  readonly retentionDays: number;
  readonly logLevel: string;
};

export type Environment = Readonly<Record<string, string | undefined>>;

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
const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: HOUR_MS, d: DAY_MS } as const;
const CATALOGS = ['dakota', 'dfns', 'daya'];
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** Throws a ConfigError that lists every mistake. */
export function loadConfig(environment: Environment = process.env): Config {
  const mistakes: string[] = [];
  const read = reader(environment, mistakes);

  const databaseUrl = read('DATABASE_URL', undefined, postgresUrl);
  if (environment['DATABASE_URL']?.trim() === '') {
    mistakes.push('DATABASE_URL: expected a connection string, got an empty text; unset it for local mode');
  }
  const mode = databaseUrl === undefined ? 'local' : 'production';
  const masterKey = read('MASTER_KEY', undefined, masterKeyBytes);
  if (mode === 'production' && !environment['MASTER_KEY']?.trim()) {
    mistakes.push('MASTER_KEY: required when DATABASE_URL is set; make one with `openssl rand -base64 32`');
  }
  const config: Config = {
    mode,
    host: read('HOST', mode === 'local' ? '127.0.0.1' : '0.0.0.0', nonEmpty),
    port: read('PORT', 4000, integer(0, 65_535)),
    databaseUrl,
    queueSchema: read('QUEUE_SCHEMA', undefined, schemaName),
    databaseConnections: read('DATABASE_CONNECTIONS', 9, integer(5, 1_000)),
    dataDir: read('DATA_DIR', '.data', directory),
    masterKey,
    previousMasterKeys: read('MASTER_KEY_PREVIOUS', [], masterKeys),
    bootstrapApiKey: read('BOOTSTRAP_API_KEY', undefined, apiKey),
    roles: read('ROLES', new Set<Role>(['api', 'worker']), roles),
    webhookBrand: read('WEBHOOK_BRAND', 'Dakota', brand),
    retryScheduleMs: read('RETRY_SCHEDULE', durations('5m,10m,15m,30m,1h,2h,4h,8h,12h,20h'), durations),
    maxAttempts: read('MAX_ATTEMPTS', 10, integer(1, 1_000)),
    attemptTimeoutMs: read('ATTEMPT_TIMEOUT', 20_000, duration(100, 10 * 60_000)),
    // An hour at least: less than that is an outage, and retries are for outages.
    disableAfterMs: read('DISABLE_AFTER', 5 * DAY_MS, duration(HOUR_MS, 365 * DAY_MS)),
    disableAfterFailures: read('DISABLE_AFTER_FAILURES', 20, integer(1, 1_000_000)),
    concurrency: read('CONCURRENCY', 128, integer(1, 10_000)),
    targetConcurrency: read('TARGET_CONCURRENCY', 16, integer(1, 1_000)),
    allowedNetworks: read('ALLOWED_NETWORKS', [], networks),
    allowHttpTargets: read('ALLOW_HTTP_TARGETS', mode === 'local', boolean),
    allowedPorts: read('ALLOWED_PORTS', undefined, ports),
    allowedOrigins: read('ALLOWED_ORIGINS', [], origins),
    introspection: read('INTROSPECTION', mode === 'local' ? 'public' : 'key', publicOrKey),
    trustedProxies: read('TRUSTED_PROXIES', [], networks),
    // At least 16 MiB: half of it, the share of one organization, must hold the largest body.
    bodyBytes: read('BODY_BYTES', 64 * MIB, integer(16 * MIB, 1_024 * MIB)),
    rateLimitPerMinute: read('RATE_LIMIT_PER_MINUTE', 100, integer(1, 1_000_000)),
    organizationRateLimitPerMinute: read('ORGANIZATION_RATE_LIMIT_PER_MINUTE', undefined, integer(1, 10_000_000)),
    // A thousand keys are a key for each service of a large company; each may have a rate limit of its own.
    maxApiKeys: read('MAX_API_KEYS', 1_000, integer(1, 1_000_000)),
    // A publish of one event to 10,000 targets is acknowledged within a second.
    maxTargets: read('MAX_TARGETS', 10_000, integer(1, 1_000_000)),
    // An idle socket with one stream takes about 35 KB: one organization takes 200 MB of a process at most.
    maxSockets: read('MAX_SOCKETS', 1_000, integer(1, 1_000_000)),
    maxStreams: read('MAX_STREAMS', 5_000, integer(1, 1_000_000)),
    eventCatalogs: read('EVENT_CATALOG', CATALOGS, catalogs),
    retentionDays: read('RETENTION_DAYS', 30, integer(1, 3_650)),
    logLevel: read('LOG_LEVEL', 'info', oneOf(LOG_LEVELS)),
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return Object.freeze(config);
}

/** Turns a setting's text into its value, or throws with what was expected. */
type Parse<T> = (text: string) => T;

function reader(environment: Environment, mistakes: string[]) {
  return <T, D>(name: string, fallback: D, parse: Parse<T>): T | D => {
    const text = environment[name]?.trim();
    if (text === undefined || text === '') return fallback;
    try {
      return parse(text);
    } catch (error) {
      mistakes.push(`${name}: ${(error as Error).message}`);
      return fallback;
    }
  };
}

function expected(what: string, text?: string): never {
  throw new Error(text === undefined ? `expected ${what}` : `expected ${what}, got ${JSON.stringify(text)}`);
}

const nonEmpty: Parse<string> = (text) => text;

const integer =
  (least: number, most: number): Parse<number> =>
  (text) => {
    const value = Number(text);
    const inRange = /^\d+$/.test(text) && value >= least && value <= most;
    return inRange ? value : expected(`a whole number from ${least} to ${most}`, text);
  };

const boolean: Parse<boolean> = (text) =>
  /^(true|false)$/.test(text) ? text === 'true' : expected('true or false', text);

const oneOf =
  (choices: readonly string[]): Parse<string> =>
  (text) =>
    choices.includes(text) ? text : expected(`one of ${choices.join(', ')}`, text);

const publicOrKey: Parse<'public' | 'key'> = (text) =>
  text === 'public' || text === 'key' ? text : expected('public or key', text);

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

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

/** Throws an Error when the text is not a duration such as `20s`. */
export function parseDurationMs(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (!match) return expected('a duration such as 500ms, 20s, 5m, 2h or 30d', text);
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

const duration =
  (leastMs: number, mostMs: number): Parse<number> =>
  (text) => {
    const ms = parseDurationMs(text);
    return ms >= leastMs && ms <= mostMs ? ms : expected(`a duration from ${leastMs}ms to ${mostMs}ms`, text);
  };

function durations(text: string): readonly number[] {
  const all = list(text).map(parseDurationMs);
  const usable = all.length > 0 && all.every((ms) => ms <= 30 * DAY_MS);
  return usable ? all : expected('at least one duration, each at most 30d', text);
}

const postgresUrl: Parse<string> = (text) =>
  /^postgres(ql)?:\/\//.test(text) ? text : expected('a postgresql:// connection string');

/** As PostgreSQL stores a name that is written without quotes; pg-boss takes 50 characters. */
const schemaName: Parse<string> = (text) =>
  /^(?!pg_)[a-z_][a-z0-9_]{0,49}$/.test(text)
    ? text
    : expected('1 to 50 lower-case letters, digits and underscores, without pg_ in front', text);

const masterKeyBytes: Parse<Buffer> = (text) => {
  const key = Buffer.from(text, 'base64');
  return key.length === 32 ? key : expected(`32 bytes in base64, got ${key.length} bytes`);
};

const masterKeys: Parse<Buffer[]> = (text) => list(text).map(masterKeyBytes);

const apiKey: Parse<string> = (text) =>
  /^[\x21-\x7e]{32,255}$/.test(text) ? text : expected('32 to 255 printable characters without spaces');

/** It becomes part of header names: RFC 9110 tokens, kept to the letters, digits and hyphens everybody accepts. */
const brand: Parse<string> = (text) =>
  /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text) ? text : expected('1 to 32 letters, digits or hyphens', text);

const networks: Parse<string[]> = (text) => {
  const all = list(text);
  for (const network of all) {
    const [address = '', bits = '', ...rest] = network.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address) as 0 | 4 | 6];
    const isCidr = rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
    if (!isCidr) return expected('CIDRs such as 10.0.0.0/8,fd00::/8', network);
  }
  return all;
};

const ports: Parse<number[]> = (text) => {
  const all = list(text);
  const arePorts = all.length > 0 && all.every((port) => /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535);
  return arePorts ? all.map(Number) : expected('ports such as 443,8443', text);
};

/** It becomes part of a command line of pg_ctl, which has its own ideas of quoting. */
const directory: Parse<string> = (text) =>
  /["$`\\]/.test(text) ? expected('a path without double quotes, dollar signs, backticks and backslashes', text) : text;

const origins: Parse<string[]> = (text) => {
  const all = list(text);
  const isOrigin = (origin: string) => URL.canParse(origin) && new URL(origin).origin === origin;
  return all.every(isOrigin) ? all : expected('origins such as https://console.example.com', text);
};
