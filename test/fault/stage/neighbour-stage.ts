/** A service with two organizations: one minds its own business, the other one has all that it needs for its attacks. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DEADLOCK } from '../../../src/database/sql-state.ts';
import { sqlState } from '../../../src/database/statement.ts';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { postGraphql } from '../../support/client.ts';
import { freePort } from '../../support/network/free-port.ts';
import { forkProcess } from '../../support/processes/start.ts';
import { startService, type Service } from '../../support/service.ts';
import { within } from './check.ts';
import { startCluster } from './cluster.ts';
import { HOSTILE_TYPES, SLOW_PATTERN } from '../processes/attack-kinds.ts';
import type { FromAttackers, ToAttackers } from '../processes/attackers.ts';
import type { FromBystander, ToBystander } from '../processes/bystander.ts';
import type { Surroundings } from '../processes/surroundings.ts';

export type NeighbourStage = {
  /** The bystander's deliveries, while the attackers hit the service, or the server that refuses all they ask. */
  play(kinds: readonly string[], seconds: number, isAttacked: boolean): Promise<Played>;
  /** Takes what the attack has left behind out of the way. */
  clear(): Promise<void>;
};

export type Played = { readonly bystander: FromBystander; readonly attackers: FromAttackers };

const BYSTANDER = { eventType: 'bystander.ping', eventsPerSecond: 10, targets: 4 };
const [HUNG, BROKEN, SILENT, CROWD] = [64, 32, 8, 10_000];
/** Made by the attackers' own key, which has the limit of every key. */
const MORE_KEYS = 40;
const PRELOAD = new URL('../processes/use-name-server.ts', import.meta.url).pathname;
const LONGEST_MS = 120_000;
const MOST_DEADLOCKS = 20;

/** `main`: the main.ts of another release. */
export async function setNeighbours(stack: AsyncDisposableStack, main?: string): Promise<NeighbourStage> {
  const start = <T extends object>(name: string) => {
    const child = forkProcess(new URL(`../processes/${name}.ts`, import.meta.url), [], { stdio: 'inherit' });
    stack.defer(() => void child.kill('SIGKILL'));
    const hear = () => once(child, 'message').then(([message]) => message as T);
    return { hear, ask: (message: object) => (child.send(message), hear()) };
  };
  const { directUrl: databaseUrl } = stack.use(await startCluster());
  const around = await start<Surroundings>('surroundings').hear();
  const bystander = start<FromBystander & { port: number }>('bystander');
  const { port } = await bystander.hear();
  const attackers = start<FromAttackers>('attackers');
  const environment = { DATABASE_URL: databaseUrl, NAME_SERVER: around.nameServer };
  const NODE_OPTIONS = `--import=${PRELOAD}`;
  const service = stack.use(await startService({ ...environment, NODE_OPTIONS }, main));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => {});
  stack.defer(() => pool.end());

  const good = await addOrganization(service, 'Bystander');
  const bad = await addOrganization(service, 'Attackers');
  await addEventTypes(service);
  const { crowdId } = await addTargets({ good, bad, port, around });
  await addCrowd(pool, crowdId);
  const apiKeys = await bad.makeKeys(MORE_KEYS);
  const { deliveryStreamCursor: oldCursor } = await bad.api('{ deliveryStreamCursor }');
  await bad.api(`mutation { publishEvent(input: { eventType: "${HOSTILE_TYPES.crowd}", data: 1 }) { deliveryCount } }`);
  const untilIdle = () => waitUntilIdle(pool);
  await untilIdle();

  return {
    async play(kinds, seconds, isAttacked) {
      const origin = isAttacked ? service.origin : around.refusingOrigin;
      const attack: ToAttackers = { kinds, origin, apiKeys, oldCursor, seconds: seconds + 1 };
      const attacking = attackers.ask(attack);
      await delay(500); // So that every delivery has them beside it.
      const quiet: ToBystander = { ...BYSTANDER, url: service.url, apiKey: good.apiKey, seconds };
      const playing = Promise.all([bystander.ask(quiet), attacking]);
      const [seen, reached] = await within(LONGEST_MS, playing, () => 'a phase of the attack');
      return { bystander: seen, attackers: reached };
    },
    async clear() {
      for (const statement of CANCEL) await pastDeadlocks(() => pool.query(statement, [bad.id]));
      await untilIdle();
    },
  };
}

const DUE = 'select state, count(*)::int as jobs from pgboss.job_common where start_after <= now() group by state';
const OPEN = `d.organization_id = $1 and d.status in ('PENDING', 'RETRYING')`;
/** As src/manage/cancel.ts does it, for all of an organization at once. What is under way ends by its deadline. */
const CANCEL = [
  `delete from pgboss.job_common j using deliveries d where j.id = d.job_id and j.state <> 'active' and ${OPEN}`,
  `update deliveries d set status = 'CANCELLED', job_id = null, next_attempt_at = null, resume_at = null, held = false
   where ${OPEN}`,
];

/** Workers lock the same deliveries, in the order of their outcomes. */
async function pastDeadlocks(work: () => Promise<unknown>): Promise<void> {
  for (let deadlocks = 0; ; deadlocks++) {
    try {
      return void (await work());
    } catch (error) {
      if (sqlState(error) !== DEADLOCK || deadlocks === MOST_DEADLOCKS) throw error;
    }
  }
}

/** No job is due or under way. */
async function waitUntilIdle(pool: pg.Pool): Promise<void> {
  let due: { state: string; jobs: number }[] = [];
  const idle = async () => {
    while ((due = (await pool.query(DUE)).rows).length > 0) await delay(200);
  };
  await within(LONGEST_MS, idle(), () => `jobs that are due: ${JSON.stringify(due)}`);
}

type Api = (query: string, variables?: Record<string, unknown>) => Promise<any>;
type Member = {
  readonly id: string;
  /** Without a limit. */
  readonly apiKey: string;
  readonly api: Api;
  /** With the limit that keys have by default: one that the operator gave, and others that it made. */
  makeKeys(count: number): Promise<string[]>;
};

const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret userErrors { message } } }`;
const SCOPES = ['EVENTS_PUBLISH', 'EVENTS_READ', 'TARGETS_WRITE', 'TARGETS_READ', 'DELIVERIES_READ', 'API_KEYS_MANAGE'];

async function addOrganization(service: Service, name: string): Promise<Member> {
  const { createOrganization } = await service.api<{ createOrganization: { organization: { id: string } } }>(
    `mutation { createOrganization(input: { name: "${name}" }) { organization { id } userErrors { message } } }`,
  );
  const { id } = createOrganization.organization;
  const createKey = async (call: Api, input: object): Promise<string> =>
    (await call(CREATE_KEY, { input: { name: 'key', scopes: SCOPES, ...input } })).createApiKey.secret;
  const as =
    (apiKey: string): Api =>
    async (query, variables = {}) => {
      const { body } = await postGraphql(service.origin, { query, variables }, { apiKey });
      if (body.errors || JSON.stringify(body.data).includes('"message":')) throw new Error(JSON.stringify(body));
      return body.data;
    };
  const apiKey = await createKey(service.api, { organizationId: id, rateLimitPerMinute: null });
  return {
    id,
    apiKey,
    api: as(apiKey),
    async makeKeys(count) {
      const first = await createKey(service.api, { organizationId: id });
      const more: string[] = [];
      while (more.length < count) more.push(await createKey(as(first), {}));
      return [first, ...more];
    },
  };
}

async function addEventTypes({ api }: Service): Promise<void> {
  const create = `mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) { userErrors { message } } }`;
  const slow = { type: 'object', properties: { text: { type: 'string', pattern: SLOW_PATTERN } } };
  for (const name of [BYSTANDER.eventType, ...Object.values(HOSTILE_TYPES)]) {
    const schema = name === HOSTILE_TYPES.patterns ? slow : null;
    await api(create, { input: { name, category: 'test', schema } });
  }
}

type Neighbours = { good: Member; bad: Member; port: number; around: Surroundings };

async function addTargets({ good, bad, port, around }: Neighbours): Promise<{ readonly crowdId: string }> {
  const add = async ({ api }: Member, url: string, eventType: string): Promise<string> => {
    const input = { url, eventTypes: [eventType] };
    return (await api(CREATE_TARGET, { input })).createWebhookTarget.target.id;
  };
  const times = (count: number) => Array.from({ length: count }, (_, nth) => nth);
  const hanging = (name: string) => `http://${name}.example:${around.hangingPort}`;
  for (const nth of times(BYSTANDER.targets)) {
    const path = nth % 2 === 0 ? 'keep' : 'close';
    await add(good, `http://bystander-${nth}.example:${port}/${path}`, BYSTANDER.eventType);
  }
  for (const nth of times(HUNG)) await add(bad, `${hanging('hung')}/${nth}`, HOSTILE_TYPES.hung);
  for (const nth of times(BROKEN)) await add(bad, hanging(`broken-${nth}`), HOSTILE_TYPES.dns);
  for (const nth of times(SILENT)) await add(bad, hanging(`silent-${nth}`), HOSTILE_TYPES.dns);
  return { crowdId: await add(bad, `http://127.0.0.1:${await freePort()}/`, HOSTILE_TYPES.crowd) };
}

const CREATE_TARGET = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } }
}`;

/** Copies of a target, until there are 10,000: with the columns that the release has. */
async function addCrowd(pool: pg.Pool, targetId: string): Promise<void> {
  const generator = createIdGenerator({ nowMs: Date.now, randomBytes });
  const ids = Array.from({ length: CROWD - 1 }, () => generator.next());
  const copy = (table: string, column: string) =>
    `insert into ${table} select (jsonb_populate_record(t, jsonb_build_object('${column}', new.id))).*
     from ${table} t, unnest($2::text[]) as new (id) where t.${column} = $1`;
  await pool.query(copy('webhook_targets', 'id'), [targetId, ids]);
  await pool.query(copy('target_health', 'target_id'), [targetId, ids]);
  await pool.query('analyze webhook_targets, target_health');
}
