import { expect, test } from 'vitest';
import { setup } from './setup.ts';

test('viewer is the API key of the request and its organization', async () => {
  await using t = await setup();
  const caller = await t.caller(t.other, ['TARGETS_WRITE', 'EVENTS_READ']);
  const fields = 'id name prefix scopes rateLimitPerMinute publicKey createdAt expiresAt lastUsedAt revokedAt';
  const { viewer } = await t.query(
    `{ viewer { organization { id name createdAt } apiKey { ${fields} } } }`,
    {},
    caller,
  );
  expect(viewer).toEqual({
    organization: { id: t.other, name: 'Other', createdAt: t.clock.now().toISOString() },
    apiKey: {
      id: caller.apiKeyId,
      name: 'test',
      prefix: expect.stringMatching(/^hk_/),
      scopes: ['TARGETS_WRITE', 'EVENTS_READ'],
      rateLimitPerMinute: null,
      publicKey: null,
      createdAt: t.clock.now().toISOString(),
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    },
  });
});

test('viewer says under which brand targets are sent events, and whether the service is in local mode', async () => {
  await using t = await setup();
  const caller = await t.caller(t.other, ['EVENTS_READ']);
  const ask = async () => (await t.query('{ viewer { webhookBrand allowsLoopback } }', {}, caller)).viewer;
  expect(await ask()).toEqual({ webhookBrand: 'Dakota', allowsLoopback: false });
});

test('a platform creates, finds, renames and serves customers by its own ids alone', async () => {
  await using t = await setup();
  const ask = (document: string) => t.query(document, {}, t.admin);
  const created = await ask(`mutation { createOrganization(input: { name: "New", externalId: "acct 7" }) {
    organization { id externalId } userErrors { code } } }`);
  expect(created.createOrganization).toMatchObject({ organization: { externalId: 'acct 7' }, userErrors: [] });
  const { id } = created.createOrganization.organization;
  expect(await ask('{ organization(externalId: "acct 7") { id } }')).toEqual({ organization: { id } });
  expect(await ask('{ organization(id: "acct 7") { id } }')).toEqual({ organization: { id } });
  expect(await ask(`{ organization(id: "${id}") { externalId } }`)).toEqual({ organization: { externalId: 'acct 7' } });
  expect(await ask(`{ organization(externalId: "${id}") { id } }`)).toEqual({ organization: null });
  expect(await ask('{ organization(externalId: "none") { id } }')).toEqual({ organization: null });

  const renamed = await ask(`mutation { updateOrganization(input: { id: "acct 7", name: "Renamed" }) {
    organization { id name } userErrors { code } } }`);
  expect(renamed.updateOrganization).toEqual({ organization: { id, name: 'Renamed' }, userErrors: [] });
  const key =
    await ask(`mutation { createApiKey(input: { name: "k", scopes: [EVENTS_READ], organizationId: "acct 7" }) {
    userErrors { code } } }`);
  expect(key.createApiKey.userErrors).toEqual([]);
  const publish = (more: string) =>
    ask(`mutation {
    publishEvent(input: { eventType: "customer.created", data: 1, ${more} }) { userErrors { code field } } }`);
  expect((await publish('organizationId: "acct 7"')).publishEvent.userErrors).toEqual([]);
  expect((await publish('organizationId: "acct 8"')).publishEvent.userErrors).toEqual([
    { code: 'NOT_FOUND', field: ['input', 'organizationId'] },
  ]);
  const many = await ask(`mutation { publishEvents(input: { events: [
    { eventType: "customer.created", data: 1, organizationId: "acct 7" }, { eventType: "customer.created", data: 2 }] }) {
    userErrors { code } } }`);
  expect(many.publishEvents.userErrors).toEqual([]);
  const owners = 'select organization_id as id, count(*)::int from events group by 1 order by 2 desc';
  expect((await t.database.pool.query(owners)).rows).toEqual([
    { id, count: 2 },
    { id: t.own, count: 1 },
  ]);
});

test('an organization may name itself by its external id; that of another one is as unknown as any', async () => {
  await using t = await setup();
  const set = 'update organizations set external_id = $2 where id = $1';
  await t.database.pool.query(set, [t.own, 'mine']);
  await t.database.pool.query(set, [t.other, 'theirs']);
  const publish = async (organizationId: string) => {
    const input = `{ eventType: "customer.created", data: 1, organizationId: "${organizationId}" }`;
    return (await t.query(`mutation { publishEvent(input: ${input}) { userErrors { message } } }`)).publishEvent
      .userErrors;
  };
  expect(await publish('mine')).toEqual([]);
  expect(await publish('theirs')).toEqual([{ message: 'No organization has the id "theirs".' }]);
  expect(await publish('nobodys')).toEqual([{ message: 'No organization has the id "nobodys".' }]);
});

test('organization needs exactly one of id and externalId', async () => {
  await using t = await setup();
  for (const args of ['', `(id: "${t.own}", externalId: "x")`]) {
    const { errors } = await t.execute(`{ organization${args} { id } }`, {}, t.admin);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  }
});
