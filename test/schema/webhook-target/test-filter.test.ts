/** Filters of targets through the API: given, shown, changed, audited, and tried. */
import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import { setup } from '../setup.ts';

const TRY = graphql(`
  query TryFilter($input: TestWebhookTargetFilterInput!) {
    testWebhookTargetFilter(input: $input) {
      matches
      reason
      userErrors {
        field
        code
        message
      }
    }
  }
`);

const AMOUNT = { where: { path: ['data', 'amount', 'value'], greaterThan: '1000' } };

async function setupTry() {
  const t = await setup();
  return Object.assign(t, {
    async try(input: object, caller = t.member) {
      const { data, errors } = await t.execute(TRY, { input: input as never }, caller);
      expect(errors).toEqual([]);
      const { userErrors, ...answer } = data!.testWebhookTargetFilter;
      return userErrors.length > 0 ? userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`) : answer;
    },
  });
}

test('a filter is tried on an event, with all its digits', async () => {
  await using t = await setupTry();
  const body = '{"data":{"amount":{"value":1000.0000000000000000000000000001}}}';
  const { id: eventId } = await t.fixtures.event({ organizationId: t.own, body });
  expect(await t.try({ filter: AMOUNT, eventId })).toEqual({
    matches: true,
    reason: '`filter.where`: data.amount.value is 1000.0000000000000000000000000001: it is a number greater than 1000.',
  });
});

test('a filter is tried on a body of one’s own', async () => {
  await using t = await setupTry();
  expect(await t.try({ filter: AMOUNT, body: { data: { amount: { value: '999.99' } } } })).toEqual({
    matches: false,
    reason: '`filter.where`: data.amount.value is "999.99": it is not a number greater than 1000.',
  });
});

test.each<[string, object, object, boolean, string]>([
  [
    'the one that fails decides all',
    { all: [{ where: { path: ['a'], exists: true } }, { where: { path: ['b', 'c d'], equals: null } }] },
    { a: 1 },
    false,
    '`filter.all.1.where`: b."c d" is missing: it is not equal to null.',
  ],
  [
    'the one that holds decides any',
    { any: [{ where: { path: ['a'], equals: 2 } }, { where: { path: ['a'], in: [1, 'x'] } }] },
    { a: 1 },
    true,
    '`filter.any.1.where`: a is 1: it is one of the 2 values of `in`.',
  ],
  [
    'all hold',
    { all: [{ where: { path: ['a'], equals: 1 } }, { where: { path: ['a'], atLeast: '1' } }] },
    { a: 1 },
    true,
    'Each of the 2 filters in `filter.all` holds.',
  ],
  [
    'none holds',
    { any: [{ where: { path: ['a'], atMost: '0' } }, { where: { path: ['a'], startsWith: 'x' } }] },
    { a: { b: 1 } },
    false,
    'None of the 2 filters in `filter.any` holds. The first: `filter.any.0.where`: a is an object: it is not a number of at most 0.',
  ],
  [
    'not',
    { not: { where: { path: ['a'], endsWith: 'z' } } },
    { a: 'xyz' },
    false,
    '`filter.not.where`: a is "xyz": it is a text that ends with "z". `filter.not` asks for the opposite.',
  ],
  [
    'some of many values',
    { where: { path: ['items', 'sku'], lessThan: '2' } },
    { items: [{ sku: 5 }, { sku: '4' }, { sku: null }, { sku: 1 }, {}] },
    true,
    '`filter.where`: items.sku has the values 5, "4", null and 1 more, and is missing elsewhere: at least one is a number less than 2.',
  ],
  [
    'an empty list',
    { where: { path: ['items', 'sku'], exists: false } },
    { items: [] },
    false,
    '`filter.where`: items.sku leads to an empty list, which passes no test.',
  ],
  ['an empty any', { any: [] }, { a: 1 }, false, '`filter.any` is empty, and an empty `any` is false.'],
])('the reason names the condition that decided it: %s', async (_, filter, body, matches, reason) => {
  await using t = await setupTry();
  expect(await t.try({ filter, body })).toEqual({ matches, reason });
});

test('exactly one of eventId and body is needed, and an event of one’s own organization', async () => {
  await using t = await setupTry();
  const { id: eventId } = await t.fixtures.event({ organizationId: t.other });
  const filter = AMOUNT;
  expect(await t.try({ filter })).toEqual(['REQUIRED input.eventId']);
  expect(await t.try({ filter, body: null })).toEqual(['REQUIRED input.eventId']);
  expect(await t.try({ filter, eventId, body: {} })).toEqual(['INVALID input.body']);
  expect(await t.try({ filter, eventId })).toEqual(['NOT_FOUND input.eventId']);
  expect(await t.try({ filter, eventId: 'x' })).toEqual(['NOT_FOUND input.eventId']);
  expect(await t.try({ filter, body: { a: Number.NaN } })).toEqual(['PAYLOAD_INVALID input.body']);
  expect(await t.try({ filter, body: 'x'.repeat(256 * 1024) })).toEqual(['PAYLOAD_TOO_LARGE input.body']);
  expect(await t.try({ filter: { where: { path: [], exists: true } }, eventId: 'x' })).toEqual([
    'INVALID input.filter.where.path',
    'NOT_FOUND input.eventId',
  ]);
});

const CREATE = graphql(`
  mutation CreateFiltered($input: CreateWebhookTargetInput!) {
    createWebhookTarget(input: $input) {
      target {
        id
        filter
      }
      userErrors {
        field
        code
      }
    }
  }
`);

const UPDATE = graphql(`
  mutation UpdateFiltered($input: UpdateWebhookTargetInput!) {
    updateWebhookTarget(input: $input) {
      target {
        name
        filter
      }
      userErrors {
        field
        code
      }
    }
  }
`);

test('a target shows its filter as it was given; an update replaces it, null clears it, and leaving it out keeps it', async () => {
  await using t = await setup();
  const filter = { all: [AMOUNT, { not: { where: { path: ['customer_id'], in: ['c1', null, 2, true] } } }] };
  const created = await t.execute(CREATE, { input: { url: 'https://example.com/a', filter } }, t.member);
  expect(created.errors).toEqual([]);
  const { id, filter: shown } = created.data!.createWebhookTarget.target!;
  expect(shown).toEqual(filter);
  const update = async (input: object) => {
    const { data, errors } = await t.execute(UPDATE, { input: { id, ...input } }, t.member);
    expect(errors).toEqual([]);
    return data!.updateWebhookTarget.target;
  };
  expect(await update({ name: 'n' })).toEqual({ name: 'n', filter });
  expect(await update({ filter: AMOUNT })).toEqual({ name: 'n', filter: AMOUNT });
  expect(await update({ filter: null })).toEqual({ name: 'n', filter: null });
  const { rows } = await t.database.pool.query('select before, after from audit_log order by id');
  expect(rows.map(({ before, after }) => [before?.filter, after.filter])).toEqual([
    [undefined, filter],
    [undefined, undefined],
    [filter, AMOUNT],
    [AMOUNT, null],
  ]);
});

test('a fault in a filter is INVALID, with the path of the offender', async () => {
  await using t = await setup();
  const where = { path: ['a'], in: Array.from({ length: 101 }, () => 1) };
  const all = [AMOUNT, AMOUNT, AMOUNT, { where }];
  const { data } = await t.execute(CREATE, { input: { url: 'https://example.com/a', filter: { all } } }, t.member);
  expect(data!.createWebhookTarget).toEqual({
    target: null,
    userErrors: [{ code: 'INVALID', field: ['input', 'filter', 'all', '3', 'where', 'in'] }],
  });
});

test('a number in the document that a double cannot hold is INVALID', async () => {
  await using t = await setup();
  const document = `mutation {
    createWebhookTarget(input: { url: "https://example.com/a", filter: { where: { path: ["a"], equals: 9007199254740993 } } }) {
      userErrors { code field }
    }
  }`;
  const { createWebhookTarget } = await t.query(document, {}, t.member);
  expect(createWebhookTarget.userErrors).toEqual([{ code: 'INVALID', field: ['input', 'filter', 'where', 'equals'] }]);
});

test('a publish says how many subscribed targets it left out, also when it is repeated', async () => {
  await using t = await setup();
  await t.fixtures.eventType({ name: 'parcel.sent' });
  await t.fixtures.target({ organizationId: t.own, filter: AMOUNT });
  await t.fixtures.target({ organizationId: t.own });
  const publish = async () =>
    await t.query(
      `mutation ($input: PublishEventInput!) {
          publishEvent(input: $input) { deliveryCount filteredCount }
          publishEvents(input: { events: [$input] }) { deliveryCount filteredCount }
        }`,
      { input: { eventType: 'parcel.sent', data: { amount: { value: 5 } }, idempotencyKey: 'k' } },
      t.member,
    );
  const counts = { deliveryCount: 1, filteredCount: 1 };
  for (const _ of [1, 2]) expect(await publish()).toEqual({ publishEvent: counts, publishEvents: counts });
});
