/**
 * The whole product in this process, as main.ts starts it, on a database of its own: real sockets, real jobs, real
 * randomness. Only time stands still until a test moves it. One for a test file; each test makes tenants of its own.
 */
import { pino } from 'pino';
import pg from 'pg';
import { startApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { loadConfig, type Environment } from '../../src/config.ts';
import { createManualClock } from './clock.ts';
import { createDatabaseUrl } from './database.ts';
import { MASTER_KEY } from './master-key.ts';
import { createTenant, type Tenant } from './tenant.ts';

const ADMIN_KEY = 'test-bootstrap-key-0123456789abcdefghij';
const ALL_SCOPES = ['TARGETS_WRITE', 'EVENTS_READ', 'EVENTS_PUBLISH', 'DELIVERIES_WRITE', 'API_KEYS_MANAGE'];

export type Product = Awaited<ReturnType<typeof startProduct>>;

export type LogLine = { readonly msg: string; readonly [fact: string]: unknown };

export type KeyInput = {
  readonly scopes?: readonly string[];
  readonly rateLimitPerMinute?: number | null;
  readonly publicKey?: string;
};

type ProductOptions = {
  /** RFC 3339: where time stands still. Default: now. */
  readonly now?: string;
};

/** Production mode, with receivers on loopback allowed. `environment` adds or overrides settings. */
export async function startProduct(environment: Environment = {}, options: ProductOptions = {}) {
  const { randomBytes, uuid } = systemClock;
  const clock = { ...createManualClock(options.now ?? systemClock.now().toISOString()), randomBytes, uuid };
  clock.fixRandom(0);
  const logs: LogLine[] = [];
  const databaseUrl = environment['DATABASE_URL'] ?? (await createDatabaseUrl());
  const settings = {
    DATABASE_URL: databaseUrl,
    MASTER_KEY,
    BOOTSTRAP_API_KEY: ADMIN_KEY,
    HOST: '127.0.0.1',
    PORT: '0',
    ALLOW_HTTP_TARGETS: 'true',
    ALLOWED_NETWORKS: '127.0.0.0/8',
  };
  const config = loadConfig({ ...settings, ...environment });
  const app = await startApp(config, {
    clock,
    logger: pino({ level: 'info' }, { write: (line) => void logs.push(JSON.parse(line)) }),
  });
  const doorbell = new pg.Client({ connectionString: databaseUrl });
  await doorbell.connect();
  const tenants: Tenant[] = [];
  /** The platform: it owns the catalog and makes organizations. */
  const platform = await createTenant(app.url, ADMIN_KEY);
  tenants.push(platform);

  async function newApiKey(organizationId: string, { scopes = ALL_SCOPES, ...limits }: KeyInput = {}): Promise<string> {
    const input = { name: 'test', rateLimitPerMinute: null, ...limits, scopes, organizationId };
    return (await platform.run(CREATE_API_KEY, { input })).secret;
  }

  /** A customer of the platform: an organization with a key that may do everything in it. */
  async function tenant() {
    const organizationId: string = (await platform.run(CREATE_ORGANIZATION)).organization.id;
    const made = await createTenant(app.url, await newApiKey(organizationId));
    tenants.push(made);
    return { ...made, organizationId, newApiKey: (key?: KeyInput) => newApiKey(organizationId, key) };
  }

  return {
    url: app.url,
    config,
    clock,
    logs,
    platform,
    tenant,

    /** Time passes; what is due then is sent at once. */
    async advance(ms: number): Promise<void> {
      await clock.advance(ms);
      await doorbell.query('notify hookcast_jobs');
    },

    async stop(): Promise<void> {
      await Promise.all(tenants.map((made) => made.stop()));
      await app.stop();
      await doorbell.end();
    },
  };
}

const CREATE_ORGANIZATION = `mutation { createOrganization(input: { name: "Acme" }) {
  organization { id } userErrors { message }
} }`;

const CREATE_API_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
  secret userErrors { message }
} }`;
