import { expect, test } from 'vitest';
import { shareConnections } from '../src/database/client.ts';
import { ConfigError, loadConfig } from '../src/config.ts';
import { readDocument } from './support/documents.ts';
import { masterKeyBytes, masterKeyNamed } from './support/master-key.ts';

const masterKey = masterKeyNamed('config');

test('without settings the service runs locally, on loopback, with the defaults of the document', () => {
  const config = loadConfig({});
  expect(config).toMatchObject({
    mode: 'local',
    host: '127.0.0.1',
    port: 4000,
    dataDir: '.data',
    webhookBrand: 'Dakota',
    maxAttempts: 10,
    allowLoopback: true,
    suggestNames: true,
    disableAfterMs: 432_000_000,
    disableAfterFailures: 20,
    attemptTimeoutMs: 20_000,
    concurrency: 2_048,
    targetConcurrency: 256,
    rateLimitPerMinute: 100,
    maxApiKeys: 1_000,
    maxTargets: 10_000,
    maxSockets: 1_000,
    maxStreams: 5_000,
    organizationRateLimitPerMinute: undefined,
    inFlightBytes: 67_108_864,
    bodyBytes: 67_108_864,
    introspection: 'public',
    trustedProxies: [],
    allowHttpTargets: true,
    allowedNetworks: [],
    retentionDays: 30,
    propagateTrace: false,
    traceTenants: false,
    eventCatalogs: ['dakota', 'dfns', 'daya'],
    auditRetentionDays: 400,
    previousMasterKeys: [],
    misspelt: [],
  });
  expect(config.adminPort).toBeUndefined();
  expect([...config.roles]).toEqual(['api', 'worker']);
  expect(config.retryScheduleMs.map((ms) => ms / 60_000)).toEqual([5, 10, 15, 30, 60, 120, 240, 480, 720, 1200]);
  expect(Object.isFrozen(config)).toBe(true);
});

test.each([
  [256, 16],
  [512, 32],
  [1_024, 64],
  [24_000, 64],
])('with %i MiB of memory the two budgets of bodies are %i MiB, unless they are set', (memoryMib, budgetMib) => {
  const mib = 1_024 * 1_024;
  const bytes = budgetMib * mib;
  expect(loadConfig({}, memoryMib * mib)).toMatchObject({ inFlightBytes: bytes, bodyBytes: bytes });
  const set = { IN_FLIGHT_BYTES: '100000000', BODY_BYTES: '200000000' };
  expect(loadConfig(set, memoryMib * mib)).toMatchObject({ inFlightBytes: 100_000_000, bodyBytes: 200_000_000 });
});

test('DATABASE_URL means production: public interface, https targets only, MASTER_KEY required', () => {
  const production = { DATABASE_URL: 'postgresql://localhost/x', MASTER_KEY: masterKey };
  expect(loadConfig(production)).toMatchObject({
    mode: 'production',
    host: '0.0.0.0',
    allowHttpTargets: false,
    introspection: 'key',
    allowLoopback: false,
    suggestNames: false,
  });
  expect(loadConfig({ ...production, INTROSPECTION: 'public' }).introspection).toBe('public');
  for (const MASTER_KEY of [undefined, '', '  ']) {
    expect(() => loadConfig({ ...production, MASTER_KEY })).toThrow(/MASTER_KEY: required/);
  }
});

test('an empty DATABASE_URL is a mistake, not local mode', () => {
  for (const DATABASE_URL of ['', '  ']) {
    expect(() => loadConfig({ DATABASE_URL, MASTER_KEY: masterKey })).toThrow(
      /DATABASE_URL: expected a connection string/,
    );
  }
});

test('DATABASE_CONNECTIONS counts every connection of a process', () => {
  expect(loadConfig({}).databaseConnections).toBe(9);
  for (const total of [5, 9, 10, 100]) {
    const { connections, readConnections } = shareConnections(total);
    expect(connections + readConnections + 2).toBe(total); // One listens, one touches claims.
    expect(connections).toBeGreaterThan(1);
    expect(readConnections).toBeGreaterThan(0);
  }
});

test('QUEUE_SCHEMA names the schema of pg-boss', () => {
  expect(loadConfig({}).queueSchema).toBeUndefined();
  expect(loadConfig({ QUEUE_SCHEMA: 'app_jobs' }).queueSchema).toBe('app_jobs');
  for (const QUEUE_SCHEMA of ['App', 'pg_boss', '1a', 'a'.repeat(51)]) {
    expect(() => loadConfig({ QUEUE_SCHEMA })).toThrow(/QUEUE_SCHEMA: expected .*lower-case/);
  }
});

test('every mistake is reported at once, by name, with what was expected', () => {
  const wrong = {
    PORT: '70000',
    ADMIN_PORT: 'x',
    DATABASE_URL: 'mysql://x',
    MASTER_KEY: 'short',
    MASTER_KEY_PREVIOUS: 'eA==,',
    ROLES: 'api,boss',
    WEBHOOK_BRAND: 'A B',
    RETRY_SCHEDULE: '5m,soon',
    MAX_ATTEMPTS: '0',
    ATTEMPT_TIMEOUT: '1ms',
    CONCURRENCY: '-1',
    DISABLE_AFTER: '59m',
    DISABLE_AFTER_FAILURES: '0',
    ALLOWED_NETWORKS: 'everything',
    ALLOWED_PORTS: '443,0',
    ALLOW_HTTP_TARGETS: 'yes',
    ALLOWED_ORIGINS: 'https://a.example/path',
    PUBLIC_URL: 'https://a.example/path',
    ALLOWED_HOSTS: 'a.example/path',
    CONSOLE: 'some',
    PORTAL_ORIGINS: 'app.example.com',
    BOOTSTRAP_API_KEY: 'short',
    MAX_API_KEYS: '0',
    MAX_TARGETS: 'many',
    MAX_SOCKETS: '1000001',
    MAX_STREAMS: '-1',
    ORGANIZATION_RATE_LIMIT_PER_MINUTE: '10000001',
    IN_FLIGHT_BYTES: '16777215',
    BODY_BYTES: '16777215',
    INTROSPECTION: 'private',
    TRUSTED_PROXIES: '10.0.0.1',
    EVENT_CATALOG: 'stripe',
    SERVICE_EVENTS: 'some',
    RETENTION_DAYS: '1.5',
    AUDIT_RETENTION_DAYS: '0',
    LOG_LEVEL: 'loud',
    RATE_LIMIT_PER_MINUTE: 'x',
  };
  try {
    loadConfig(wrong);
    expect.unreachable();
  } catch (error) {
    const names = (error as ConfigError).mistakes.map((mistake) => mistake.split(':')[0]);
    expect(names.sort()).toEqual(Object.keys(wrong).sort());
    expect((error as Error).message).toContain('expected');
  }
});

test('a secret with a mistake is not repeated in the report', () => {
  expect(() => loadConfig({ BOOTSTRAP_API_KEY: 'hunter2' })).toThrow(/^((?!hunter2).)*$/s);
  expect(() => loadConfig({ DATABASE_URL: 'mysql://user:hunter2@x' })).toThrow(/^((?!hunter2).)*$/s);
});

test.each(['10.0.0.0/33', '999.1.1.1/8', 'fd00::/129', '10.0.0.0', '10.0.0.0/8/8', 'x/8'])(
  'the network %s is refused',
  (network) => {
    expect(() => loadConfig({ ALLOWED_NETWORKS: `10.0.0.0/8,${network}` })).toThrow(
      /ALLOWED_NETWORKS: Expected a network such as 10\.0\.0\.0\/8 or fd00::\/8/,
    );
  },
);

test('a network that is written with an address inside it is refused, by name', () => {
  expect(() => loadConfig({ ALLOWED_NETWORKS: '10.1.2.3/8' })).toThrow(
    /ALLOWED_NETWORKS: Expected the first address of a network/,
  );
});

test('networks of both families are accepted', () => {
  expect(loadConfig({ ALLOWED_NETWORKS: '10.0.0.0/8, fd00::/8' }).allowedNetworks).toEqual(['10.0.0.0/8', 'fd00::/8']);
});

test('without ALLOWED_PORTS no port is named, and with it these are', () => {
  expect(loadConfig({}).allowedPorts).toBeUndefined();
  expect(loadConfig({ ALLOWED_PORTS: '443, 8443' }).allowedPorts).toEqual([443, 8443]);
});

test.each(['0', '65536', '443;80', 'https', '0443', ',', '-1'])('the port list %j is refused', (ports) => {
  expect(() => loadConfig({ ALLOWED_PORTS: ports })).toThrow(/ALLOWED_PORTS: expected ports such as 443,8443/);
});

test('PUBLIC_URL is an origin, and by default it is not set', () => {
  expect(loadConfig({}).publicUrl).toBeUndefined();
  const read = (PUBLIC_URL: string) => loadConfig({ PUBLIC_URL }).publicUrl;
  expect(read('https://hooks.example.com')).toBe('https://hooks.example.com');
  expect(read('HTTPS://Hooks.example.com:443/')).toBe('https://hooks.example.com');
  expect(read('http://10.0.0.7:4000')).toBe('http://10.0.0.7:4000');
  for (const wrong of ['hooks.example.com', 'ws://a.example', 'https://u:p@a.example', 'https://a.example/?x', 'x']) {
    expect(() => read(wrong)).toThrow(/PUBLIC_URL: expected an origin such as https:\/\/hooks\.example\.com/);
  }
});

test('ALLOWED_HOSTS are hosts, with a port or without', () => {
  expect(loadConfig({}).allowedHosts).toEqual([]);
  const all = 'hooks.internal, 10.0.0.7:4000,[::1]:4000';
  expect(loadConfig({ ALLOWED_HOSTS: all }).allowedHosts).toEqual(['hooks.internal', '10.0.0.7:4000', '[::1]:4000']);
  for (const wrong of ['https://a.example', 'a.example/x', 'u@a.example', 'a:b:c', 'a b']) {
    expect(() => loadConfig({ ALLOWED_HOSTS: wrong })).toThrow(/ALLOWED_HOSTS: expected hosts such as/);
  }
});

test('the console is there unless CONSOLE is false, and no site may frame the portal unless PORTAL_ORIGINS names it', () => {
  expect(loadConfig({})).toMatchObject({ console: true, portalOrigins: [] });
  expect(loadConfig({ CONSOLE: 'false' }).console).toBe(false);
  const sites = 'https://app.example.com, http://127.0.0.1:8080,http://[::1]';
  const all = ['https://app.example.com', 'http://127.0.0.1:8080', 'http://[::1]'];
  expect(loadConfig({ PORTAL_ORIGINS: sites }).portalOrigins).toEqual(all);
  for (const wrong of [
    '*',
    'https://*.example.com',
    'https://a.example/',
    "https://a;script-src'",
    'https://a"',
    'x',
  ]) {
    expect(() => loadConfig({ PORTAL_ORIGINS: wrong })).toThrow(/PORTAL_ORIGINS: expected origins such as/);
  }
});

test('the service publishes events of its own, unless SERVICE_EVENTS is false', () => {
  expect(loadConfig({}).serviceEvents).toBe(true);
  expect(loadConfig({ SERVICE_EVENTS: 'false' }).serviceEvents).toBe(false);
  const traced = { PROPAGATE_TRACE: 'true', TRACE_TENANTS: 'true' };
  expect(loadConfig(traced)).toMatchObject({ propagateTrace: true, traceTenants: true });
  expect(() => loadConfig({ PROPAGATE_TRACE: 'sometimes' })).toThrow(/PROPAGATE_TRACE: expected/);
});

test('a data folder that pg_ctl cannot be told of is refused by name', () => {
  expect(() => loadConfig({ DATA_DIR: '/tmp/a$b' })).toThrow(/DATA_DIR: expected a path without/);
});

test('previous master keys are a list', () => {
  const keys = ['one', 'two'].map(masterKeyBytes);
  const MASTER_KEY_PREVIOUS = keys.map((key) => key.toString('base64')).join(', ');
  expect(loadConfig({ MASTER_KEY_PREVIOUS }).previousMasterKeys).toEqual(keys);
});

test('the limits of an organization are numbers', () => {
  const limits = { MAX_API_KEYS: '5', MAX_TARGETS: '6', MAX_SOCKETS: '7', MAX_STREAMS: '8' };
  expect(loadConfig({ ...limits, ORGANIZATION_RATE_LIMIT_PER_MINUTE: '9' })).toMatchObject({
    maxApiKeys: 5,
    maxTargets: 6,
    maxSockets: 7,
    maxStreams: 8,
    organizationRateLimitPerMinute: 9,
  });
});

test.each([
  ['RETENTION_DAY', 'RETENTION_DAYS'],
  ['DATABASE_CONECTIONS', 'DATABASE_CONNECTIONS'],
  ['ALLOWED_HTTP_TARGETS', 'ALLOW_HTTP_TARGETS'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['log_level', 'LOG_LEVEL'],
  ['MASTERKEY', 'MASTER_KEY'],
  ['ROLE', 'ROLES'],
  ['PROT', 'PORT'],
  ['PORTS', 'PORT'],
])('the misspelt setting %s is named, with %s as what was meant', (name, meant) => {
  expect(loadConfig({ [name]: '7' }).misspelt).toEqual([{ name, meant }]);
});

test('what containers and shells set is not taken for a misspelt setting', () => {
  const names = [
    'HOSTNAME',
    'HOME',
    'PATH',
    'PWD',
    'OLDPWD',
    'USER',
    'SHELL',
    'SHLVL',
    'TERM',
    'LANG',
    'TZ',
    'NODE',
    '_',
    'PGHOST',
    'PGPORT',
    'PGUSER',
    'PGDATABASE',
    'PGPASSWORD',
    'DATABASE_HOST',
    'DATABASE_USER',
    'DATABASE_NAME',
    'KUBERNETES_PORT',
    'KUBERNETES_SERVICE_HOST',
    'KUBERNETES_SERVICE_PORT',
    'KUBERNETES_PORT_443_TCP',
    'HOOKCAST_PORT',
    'HOOKCAST_SERVICE_HOST',
    'API_PORT',
    'DB_HOST',
    'WEB_CONCURRENCY',
    'DYNO',
    'REDIS_URL',
    'NODE_ENV',
    'NODE_OPTIONS',
    'NODE_VERSION',
    'YARN_VERSION',
    'npm_config_loglevel',
    'LOG_FORMAT',
    'LOG_FILE',
  ];
  expect(loadConfig(Object.fromEntries(names.map((name) => [name, '7']))).misspelt).toEqual([]);
});

/** The settings that loadConfig asks for. */
function settingNames(): string[] {
  const names = new Set<string>();
  const get = (_: object, name: string | symbol) => void names.add(String(name));
  loadConfig(new Proxy({}, { get }));
  return [...names];
}

test('the table for operators has every setting, and no other; none is taken for another one misspelt', async () => {
  const table = (await readDocument('src/app/README.md')).split('\n## Settings\n')[1]!.split('\n## ')[0]!;
  const shown = [...table.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, names]) => names!.match(/\w+/g)!);
  expect(shown.sort()).toEqual(settingNames().sort());
  const unset = Object.fromEntries(settingNames().map((name) => [name, '']));
  expect(loadConfig({ ...unset, DATABASE_URL: undefined }).misspelt).toEqual([]);
});

test('ADMIN_PORT is another port than PORT, also where PORT is not set', () => {
  expect(loadConfig({ ADMIN_PORT: '9000' })).toMatchObject({ port: 4000, adminPort: 9000 });
  expect(loadConfig({ PORT: '0', ADMIN_PORT: '0' })).toMatchObject({ port: 0, adminPort: 0 }); // Any two free ones.
  for (const settings of [{ ADMIN_PORT: '4000' }, { PORT: '8080', ADMIN_PORT: '8080' }]) {
    expect(() => loadConfig(settings)).toThrow(/ADMIN_PORT: expected another port than PORT, got \d+ for both/);
  }
});

test('without EGRESS_PROXY requests go out directly, and with it through that proxy, which resolves nothing unless told to', () => {
  const none = { egressProxy: undefined, egressProxyResolves: false, egressAddresses: undefined };
  expect(loadConfig({})).toMatchObject(none);
  const set = { EGRESS_PROXY: 'socks5://user:pass%40word@proxy.example.com:1080' };
  expect(loadConfig(set)).toMatchObject({
    egressProxy: {
      protocol: 'socks5',
      hostname: 'proxy.example.com',
      port: 1080,
      credentials: { username: 'user', password: 'pass@word' },
    },
    egressProxyResolves: false,
  });
  expect(loadConfig({ ...set, EGRESS_PROXY_RESOLVES: 'true' }).egressProxyResolves).toBe(true);
  expect(() => loadConfig({ EGRESS_PROXY_RESOLVES: 'true' })).toThrow(
    /EGRESS_PROXY_RESOLVES: expected EGRESS_PROXY beside it/,
  );
});

test.each(['proxy:3128', 'ftp://user:password@proxy', 'socks5h://user:password@proxy', 'http://user:password@proxy/x'])(
  'EGRESS_PROXY is a URL of a known kind, and a mistake in it is told without its password: %s',
  (text) => {
    const load = () => loadConfig({ EGRESS_PROXY: text, EGRESS_PROXY_RESOLVES: 'true' });
    expect(load).toThrow(/EGRESS_PROXY: expected the URL of a proxy such as http:/);
    expect(load).not.toThrow(/user:password@proxy(?!\.example)/);
  },
);

test('EGRESS_ADDRESSES are addresses and networks', () => {
  const given = '192.0.2.1, 2001:db8::/48,198.51.100.0/24';
  const listed = ['192.0.2.1', '2001:db8::/48', '198.51.100.0/24'];
  expect(loadConfig({ EGRESS_ADDRESSES: given }).egressAddresses).toEqual(listed);
  for (const wrong of ['proxy.example.com', '192.0.2.1/24', '192.0.2.300', ',']) {
    expect(() => loadConfig({ EGRESS_ADDRESSES: wrong })).toThrow(/EGRESS_ADDRESSES: [Ee]xpected/);
  }
});
