/**
 * Every mutation of the schema leaves a row in the audit log, in its own transaction, or stands in the list of those that
 * change no settings. Generated from the schema, so that a mutation added tomorrow is held to it too.
 */
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/schema/index.ts';
import { ACCEPTED, fieldsOf, setupObjects } from './accepted.ts';

/** With the reason. */
const NOT_SETTINGS: Readonly<Record<string, string>> = {
  publishEvent: 'the traffic itself: the event is the record, and the log of requests says who published it',
  publishEvents: 'the same',
  sendTestEvent: 'a publish to one target',
  retryDelivery: 'a step in the life of a delivery: its changes and attempts are the record',
  cancelDelivery: 'the same',
};

const MUTATIONS = Object.keys(buildSchema().getMutationType()!.getFields()).sort();
const AUDITED = MUTATIONS.filter((name) => !(name in NOT_SETTINGS));

/** Of the organization, of its things, or of the deployment. */
const DEPLOYMENT = /EventType|Organization/;

/** What they change did not exist before, or is many things. */
const MAKES = /^(create|redeliver|cancelDeliveries|eraseEventData)/;

const REFUSE = `
  create function refuse() returns trigger language plpgsql as $$ begin raise 'no room in the log'; end $$;
  create trigger refuse before insert on audit_log for each row execute function refuse()`;

async function setup() {
  const t = await setupObjects();
  const rows = async () => (await t.database.pool.query('select * from audit_log order by id')).rows;
  /** Every row of our tables, as text. */
  const everything = async (): Promise<string[]> => {
    const { rows: tables } = await t.database.pool.query("select tablename from pg_tables where schemaname = 'public'");
    const all = tables.map(({ tablename }) => t.database.pool.query(`select r::text as row from ${tablename} r`));
    return (await Promise.all(all)).flatMap(({ rows: found }) => found.map(({ row }) => row)).sort();
  };
  const run = (name: string, alias = '') =>
    t.execute<any, object>(
      `mutation Renamed { ${alias}${name}${ACCEPTED[name]!(t.ids)} { ${fieldsOf(name)} } }`,
      {},
      t.admin,
    );
  return Object.assign(t, { rows, everything, run });
}

test('what changes no settings is a mutation of the schema', () => {
  expect(Object.keys(NOT_SETTINGS).filter((name) => !MUTATIONS.includes(name))).toEqual([]);
  expect(AUDITED.length).toBeGreaterThan(8);
});

describe.each(AUDITED)('%s', (name) => {
  test('leaves one row: who, what, when, before and after, and no secret', async () => {
    await using t = await setup();
    const { data, errors } = await t.run(name, 'chosen: ');
    expect(errors).toEqual([]);
    expect(data.chosen.userErrors).toEqual([]);
    const rows = await t.rows();
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row).toMatchObject({
      operation: name,
      actor: 'API_KEY',
      api_key_id: t.admin.apiKeyId,
      api_key_name: 'test',
      api_key_organization_id: t.own,
      organization_id: DEPLOYMENT.test(name) ? null : t.own,
      at: t.clock.now(),
      id: expect.stringMatching(/^[0-9A-Za-z]{27}$/),
    });
    const shown = [row.before === null, row.after === null];
    expect(shown).toEqual([MAKES.test(name), name.startsWith('delete')]);
    if (row.before && row.after) {
      expect(Object.keys(row.before)).toEqual(Object.keys(row.after));
      for (const field of Object.keys(row.before)) expect(row.before[field]).not.toEqual(row.after[field]);
    }
    const text = JSON.stringify(row);
    if (data.chosen.token !== undefined) {
      expect(data.chosen.token).toMatch(/^hkp_/);
      expect(data.chosen.url).toBe(`https://hooks.example.com/portal#token=${data.chosen.token}`);
    }
    if (data.chosen.secret !== undefined) {
      expect(data.chosen.secret).toMatch(/^(whsec|hk)_/);
      expect(text).not.toContain(data.chosen.secret);
    }
    expect(text).not.toMatch(/whsec_|whsk_|hkp?_|sealed|hash/);
  });

  test('is undone when its row cannot be written', async () => {
    await using t = await setup();
    await t.database.pool.query(REFUSE);
    const before = await t.everything();
    const { errors } = await t.run(name);
    expect(errors).toMatchObject([{ message: 'no room in the log' }]);
    expect(await t.everything()).toEqual(before);
    await t.database.pool.query('drop trigger refuse on audit_log');
    expect((await t.run(name)).data[name].userErrors).toEqual([]);
    expect(await t.everything()).not.toEqual(before);
  });
});

test.each(Object.keys(NOT_SETTINGS))('%s leaves none', async (name) => {
  await using t = await setup();
  expect((await t.run(name)).data[name].userErrors).toEqual([]);
  expect(await t.rows()).toEqual([]);
});

/** Done twice, or to what it is already. */
const SAME: Readonly<Record<string, string>> = {
  archiveEventType: '(input: { name: "customer.created" })',
  revokeApiKey: '(input: { id: "$apiKey" })',
  revokePortalSession: '(input: { id: "$portalSession" })',
  unarchiveEventType: '(input: { name: "old.type" })',
  updateEventType: '(input: { name: "customer.created", category: "people" })',
  updateOrganization: '(input: { id: "$organization", name: "Renamed", rateLimitPerMinute: null })',
  updateWebhookTarget: '(input: { id: "$target", name: "Renamed", eventTypes: [] })',
};

test.each(Object.entries(SAME))('%s that changes nothing leaves no row', async (name, input) => {
  await using t = await setup();
  const document = input
    .replace('$apiKey', t.ids.apiKey)
    .replace('$portalSession', t.ids.portalSession)
    .replace('$target', t.ids.target)
    .replace('$organization', t.own);
  const counts: number[] = [];
  for (const _ of [1, 2]) {
    await t.clock.advance(1_000);
    const { data } = await t.execute<any, object>(`mutation { ${name}${document} { ${fieldsOf(name)} } }`, {}, t.admin);
    expect(data[name].userErrors).toEqual([]);
    counts.push((await t.rows()).length);
  }
  expect(counts).toEqual([1, 1]);
});

test('what is refused leaves no row', async () => {
  await using t = await setup();
  const unknown = t.fixtures.ids.next();
  const refused = `mutation {
    createWebhookTarget(input: { url: "ftp://example.com" }) { userErrors { code } }
    updateWebhookTarget(input: { id: "${unknown}", status: PAUSED }) { userErrors { code } }
    deleteWebhookTarget(input: { id: "${unknown}" }) { userErrors { code } }
    rotateWebhookTargetSecret(input: { id: "${unknown}" }) { userErrors { code } }
    createApiKey(input: { name: "", scopes: [] }) { userErrors { code } }
    revokeApiKey(input: { id: "${unknown}" }) { userErrors { code } }
    createPortalSession(input: { scopes: [] }) { userErrors { code } }
    revokePortalSession(input: { id: "${unknown}" }) { userErrors { code } }
    createEventType(input: { name: "customer.created", category: "c" }) { userErrors { code } }
    updateEventType(input: { name: "no.such", category: "c" }) { userErrors { code } }
    archiveEventType(input: { name: "no.such" }) { userErrors { code } }
    unarchiveEventType(input: { name: "no.such" }) { userErrors { code } }
    cancelDeliveries(input: { eventId: "${unknown}" }) { userErrors { code } }
    redeliver(input: { eventId: "${unknown}", targetId: "${unknown}" }) { userErrors { code } }
    createOrganization(input: { name: "" }) { userErrors { code } }
    cancelReplay(input: { id: "${unknown}" }) { userErrors { code } }
    createReplay(input: { scope: { mode: FAILED, createdAt: {} } }) { userErrors { code } }
    deleteOrganization(input: { id: "${unknown}" }) { userErrors { code } }
    eraseEventData(input: { eventId: "${unknown}" }) { userErrors { code } }
    updateOrganization(input: { id: "${unknown}", name: "x" }) { userErrors { code } } }`;
  const data = await t.query(refused, {}, t.admin);
  expect(Object.keys(data).sort()).toEqual(AUDITED);
  for (const [name, { userErrors }] of Object.entries<any>(data)) {
    expect({ name, count: userErrors.length > 0 }).toEqual({ name, count: true });
  }
  expect(await t.rows()).toEqual([]);
});
