/**
 * Lists, for everything the schema has: wherever a client may send one, 1,001 entries are refused, and the refusal names the place.
 * Generated from the schema (walk.ts), so that a list added tomorrow is held to it too.
 */
import { expect, test } from 'vitest';
import { API_SCOPES } from '../../../src/domain/api-keys/scope.ts';
import { buildSchema } from '../../../src/schema/index.ts';
import type { ApiResult } from '../../support/api.ts';
import { setup } from '../setup.ts';
import { LISTS, type Slot, slotsOf } from '../walk.ts';

const schema = buildSchema();
const slots = slotsOf(schema, LISTS);
const MOST = 1_000;

async function setupLists() {
  const t = await setup();
  const { targetId, eventId } = await t.delivery();
  await t.fixtures.replay({ organizationId: t.own });
  const caller = await t.caller(t.own, API_SCOPES);
  /** The ids that an operation needs beside its list, by the place of each. */
  const ids = { id: targetId, targetId, eventId };

  /** The answer to a list of so many entries; nothing of a subscription that opened. */
  async function send(slot: Slot, count: number): Promise<ApiResult | undefined> {
    const variables = slot.variables({ count, ids }, false);
    if (slot.operation !== 'subscription') return t.execute(slot.document, variables, caller);
    const { stream, errors } = await t.subscribe(slot.document, variables, caller);
    await stream?.[Symbol.asyncDispose]();
    return stream ? undefined : { data: null, errors };
  }

  return { ...t, send };
}

/** Every refusal in an answer, as its code and the place it names. */
function refusalsOf({ data, errors }: ApiResult): string[] {
  const texts = [...JSON.stringify(data ?? {}).matchAll(/"userErrors":(\[\{.*?\}\])/g)].map(([, list]) => list!);
  const userErrors = texts.flatMap((text) => JSON.parse(text) as { code: string; field: string[] | null }[]);
  return [
    ...userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`),
    ...errors.map(({ code, extensions }) => `${code} ${extensions['argument']}`),
  ];
}

const pathOf = ({ label }: Slot): string => /\((.*)\)$/.exec(label)![1]!;

/** The lists of a payload filter have lower limits of their own: test/domain/filter/check-filter.test.ts. */
const isOfFilter = (slot: Slot): boolean => /\.(filter|payload)\.(all|any|where)\b/.test(`.${pathOf(slot)}`);

/** A target has 20 headers at most: test/domain/targets/headers/target-header.test.ts. */
const isOfHeaders = (slot: Slot): boolean => pathOf(slot) === 'input.headers';

/** An event has 10 tags at most: test/pipeline/publish/publish.tags.test.ts. */
const isOfTags = (slot: Slot): boolean => slot.operation === 'mutation' && pathOf(slot).endsWith('tags');

test('the walk finds the lists of filters, mutations and streams', () => {
  expect(slots.map(({ label }) => label)).toEqual(
    expect.arrayContaining([
      'query deliveries(filter.status)',
      'query deliveries(filter.eventType)',
      'query events(filter.eventType)',
      'query webhookTargets(filter.status)',
      'mutation createApiKey(input.scopes)',
      'mutation updateWebhookTarget(input.customerIds)',
      'mutation publishEvents(input.events)',
      'subscription deliveryStatusChanged(filter.eventType)',
      'subscription webhookTargetStatusChanged(filter.status)',
      'subscription eventPublished(filter.eventType)',
    ]),
  );
});

test('every list of the schema refuses 1,001 entries and names its field', { timeout: 60_000 }, async () => {
  await using t = await setupLists();
  for (const slot of slots) {
    const answer = await t.send(slot, MOST + 1);
    const code = slot.operation === 'mutation' ? 'TOO_MANY' : 'BAD_USER_INPUT';
    const isOwn = slot.operation === 'mutation' && isOfFilter(slot);
    // What else the operation would need is told with it.
    const refusals = refusalsOf(answer ?? { data: {}, errors: [] })
      .filter((refusal) => !refusal.startsWith('REQUIRED'))
      .map((refusal) => refusal.replace('.0.', '.')); // A list in the first entry of a list.
    expect([slot.label, ...new Set(refusals)]).toEqual([
      slot.label,
      isOwn ? expect.stringMatching(/^INVALID input\.filter/) : `${code} ${pathOf(slot)}`,
    ]);
  }
});

test('1,000 entries are not too many', { timeout: 60_000 }, async () => {
  await using t = await setupLists();
  for (const slot of slots.filter((each) => !isOfFilter(each) && !isOfHeaders(each) && !isOfTags(each))) {
    const answer = await t.send(slot, MOST);
    const refusals = refusalsOf(answer ?? { data: {}, errors: [] });
    expect([slot.label, refusals.filter((refusal) => /^(TOO_MANY|BAD_USER_INPUT)/.test(refusal))]).toEqual([
      slot.label,
      [],
    ]);
  }
});

test('a caller who may not read the list hears that, and nothing of its arguments', async () => {
  await using t = await setup();
  const slot = slots.find(({ label }) => label === 'query deliveries(filter.status)')!;
  const { errors } = await t.execute(slot.document, slot.variables({ count: MOST + 1, ids: {} }, false), null);
  expect(errors.map(({ code }) => code)).toEqual(['UNAUTHENTICATED']);
});
