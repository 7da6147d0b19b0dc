/**
 * Tenants, for everything the schema has: wherever a client may name an object, the name of another organization's is answered
 * as one that nothing has. Generated from the schema (walk.ts), so that a field added tomorrow is held to it too.
 */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { attemptId } from '../../src/domain/ksuid.ts';
import { API_SCOPES, PORTAL_SCOPES } from '../../src/domain/api-keys/scope.ts';
import { encodeCursor } from '../../src/schema/read/list-cursor.ts';
import { buildSchema } from '../../src/schema/index.ts';
import type { ApiResult, ApiStream } from '../support/api.ts';
import { setup } from './setup.ts';
import { CURSOR_LISTS, nextTo, plainOperations, selectAll, type Slot, slotsOf } from './walk.ts';

const schema = buildSchema();
const slots = slotsOf(schema);
const SCOPES = API_SCOPES.filter((scope) => scope !== 'PLATFORM_ADMIN');
const THEIRS = 'another-tenants-text';
/** What runs beside any request: the live feeds, and pg-boss minding its queue, in transactions that wait for no disk. */
const BACKGROUND =
  /_changes|pg_current_snapshot|pgboss\.(version|queue|bam)|advisory|deleted_jobs|^(begin|commit)$|synchronous_commit/;

const COUNTED = `
  insert into fresh_statistics (organization_id, target_id, event_type, at, attempts, delivered, retries, manual, exhausted,
    outcomes, durations, latencies)
  values ($1, $2, 'customer.created', date_trunc('minute', $3::timestamptz), 1, 1, 0, 0, 0, '[]', '[]', '[]')`;

let caseCount = 0;
afterAll(() => console.log(`tenant walk: ${caseCount} cases over ${slots.length} slots of the schema`));

async function setupWalk() {
  const t = await setup();
  const { fixtures } = t;

  /** One object of each type, with a text that nobody else may see. */
  async function world(organizationId: string, text: string) {
    const target = await fixtures.target({ organizationId, name: text, description: text });
    const { id: eventId } = await fixtures.event({ organizationId, data: { text }, customerId: text });
    const delivery = await fixtures.delivery({ organizationId, targetId: target.id, eventId });
    await t.attempt({ deliveryId: delivery.id, number: 1, responseBody: text, error: text });
    await t.database.pool.query(COUNTED, [organizationId, target.id, t.clock.now()]);
    const apiKey = await fixtures.apiKey({ organizationId, name: text });
    const about = { organizationId, subjectId: target.id, apiKeyId: apiKey.id, text };
    const { id: auditEntry } = await t.auditEntry(about);
    const { id: replay } = await fixtures.replay({ organizationId, targetId: target.id, customerId: text });
    const { id: portalSession } = await fixtures.portalSession({ organizationId, apiKeyId: apiKey.id });
    const { id: erasure } = await fixtures.erasure({ organizationId, customerId: text });
    await t.database.pool.query('insert into replay_deliveries values ($1, $2)', [replay, delivery.id]);
    const ids = { target: target.id, event: eventId, delivery: delivery.id, apiKey: apiKey.id, auditEntry, replay };
    return { ...ids, portalSession, erasure, organization: organizationId, attempt: attemptId(delivery.id, 1) };
  }

  await world(t.own, 'own');
  const theirs = await world(t.other, THEIRS);
  const ours = await world(t.own, 'own');
  /** The second id of an operation that needs two: one of our own. */
  const beside = { eventId: ours.event, targetId: ours.target };
  const callers: [string, Caller | null][] = [
    ['all scopes', t.member],
    ['no key', null],
  ];
  const session = { organizationId: t.own, apiKeyId: t.member.apiKeyId, scopes: PORTAL_SCOPES };
  const { id: apiKeyId } = await fixtures.portalSession(session);
  const visitor = { ...t.member, apiKeyId, portalOf: t.member.apiKeyId, scopes: new Set(PORTAL_SCOPES) };
  callers.push(['portal session', visitor]);
  for (const scope of SCOPES) callers.push([scope, await t.caller(t.own, [scope])]);

  /** The SQL that connections are given, transactions included. */
  const sent: string[] = [];
  const watched = new WeakSet<object>();
  for (const pool of [t.database.pool, t.database.reads]) {
    pool.on('acquire', (client) => {
      if (watched.has(client)) return;
      watched.add(client);
      const { query } = client;
      client.query = ((...args: [string | { text: string }]) => {
        const text = typeof args[0] === 'string' ? args[0] : args[0].text;
        if (!BACKGROUND.test(text)) sent.push(text);
        return (query as (...args: unknown[]) => unknown).apply(client, args);
      }) as never;
    });
  }

  /** What a caller sees and the database is asked, without the name that was given. */
  async function answer(slot: Slot, value: string, caller: Caller | null, isFull: boolean) {
    sent.length = 0;
    const result = await t.execute(slot.document, slot.variables({ name: value, ids: beside }, isFull), caller);
    const text = JSON.stringify(result).replaceAll(value, 'NAME');
    return { result, text, sql: [...new Set(sent)].sort() };
  }

  /** Every row that holds one of these ids, as text. */
  async function rowsWith(ids: readonly string[]): Promise<string[]> {
    const { rows: tables } = await t.database.pool.query(
      "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'pgboss')",
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const { rows } = await t.database.pool.query(`select r::text as row from ${name} r`);
      found.push(...rows.map(({ row }) => `${name} ${row}`).filter((row) => ids.some((id) => row.includes(id))));
    }
    return found.sort();
  }
  return {
    ...t,
    theirs,
    ours,
    world,
    callers,
    answer,
    rowsWith,
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

type World = Awaited<ReturnType<typeof setupWalk>>['theirs'];

/** Pairs of names for a slot: of what the other organization has, and of the same shape for what nobody has. */
function namesFor(
  { takes }: Slot,
  theirs: World,
  next: () => string,
): [kind: string, theirs: string, nobodys: string][] {
  if (takes === 'id') {
    return Object.entries(theirs).map(([kind, id]) => [kind, id, kind === 'attempt' ? attemptId(next(), 1) : next()]);
  }
  return Object.entries(CURSOR_LISTS).map(([kind, list]) => {
    const id = theirs[kind as keyof typeof CURSOR_LISTS];
    return [`cursor of ${list}`, encodeCursor(list, id), encodeCursor(list, nextTo(id))];
  });
}

const ofRequests = slots.filter(({ operation }) => operation !== 'subscription');

test.each(ofRequests.map((slot) => [slot.label, slot] as const))(
  '%s answers for a name of another organization as for one that nothing has',
  async (_, slot) => {
    await using t = await setupWalk();
    const secrets = [THEIRS, ...Object.values(t.theirs)];
    const before = await t.rowsWith(Object.values(t.theirs));
    const names = namesFor(slot, t.theirs, t.fixtures.ids.next);
    for (const [scope, caller] of t.callers) {
      for (const [kind, theirs, nobodys] of names) {
        for (const isFull of [false, true]) {
          const about = { kind, scope, isFull };
          let answer = await t.answer(slot, theirs, caller, isFull);
          let expected = await t.answer(slot, nobodys, caller, isFull);
          // Which loads meet in one statement is a matter of moments: a difference counts when it stays.
          for (
            let again = 0;
            again < 5 && caller === t.member && !isDeepStrictEqual(answer.sql, expected.sql);
            again++
          ) {
            answer = await t.answer(slot, theirs, caller, isFull);
            expected = await t.answer(slot, nobodys, caller, isFull);
          }
          expect({ ...about, text: answer.text }).toEqual({ ...about, text: expected.text });
          // The same work, so that time tells nothing either. A field without access ends its operation in the middle of it.
          if (caller === t.member) expect({ ...about, sql: answer.sql }).toEqual({ ...about, sql: expected.sql });
          for (const secret of secrets) expect({ ...about, text: answer.text }).not.toEqual(containing(about, secret));
          caseCount++;
        }
      }
    }
    expect(await t.rowsWith(Object.values(t.theirs))).toEqual(before);
    await expectSeeing(t, slot);
  },
);

const containing = (about: object, text: string) => ({ ...about, text: expect.stringContaining(text) });

/** The slot is not blind: it answers for something of one's own as it does not for what nothing has. */
async function expectSeeing(t: Awaited<ReturnType<typeof setupWalk>>, slot: Slot): Promise<void> {
  const seen: string[] = [];
  for (const isFull of [false, true]) {
    for (const kind of [
      'target',
      'event',
      'delivery',
      'apiKey',
      'organization',
      'attempt',
      'auditEntry',
      'replay',
      'erasure',
      'portalSession',
    ] as const) {
      const own = await t.world(t.own, 'own');
      const [, , nobodys] = namesFor(slot, own, t.fixtures.ids.next)[0]!;
      const isOfStream = /\.changes\((after|before)\)$/.test(slot.label);
      const name = slot.takes === 'id' ? own[kind] : isOfStream ? await streamCursor(t) : ownCursor(kind, own);
      const { errors } = (await t.answer(slot, nobodys, t.member, isFull)).result;
      // What is for platform admins alone is tried by one.
      const caller = errors.some(({ code }) => code === 'FORBIDDEN') ? t.admin : t.member;
      const [mine, nobody] = [
        await t.answer(slot, name, caller, isFull),
        await t.answer(slot, nobodys, caller, isFull),
      ];
      const isSeen = slot.takes === 'id' ? mine.text !== nobody.text : mine.result.errors.length === 0;
      if (isSeen) seen.push(kind);
    }
  }
  expect(seen).not.toEqual([]);
}

/** A cursor of the stream of deliveries, which the list of a delivery's changes takes. */
async function streamCursor(t: Awaited<ReturnType<typeof setupWalk>>): Promise<string> {
  const { data } = await t.execute('{ deliveryStreamCursor }', {}, t.member);
  return (data as { readonly deliveryStreamCursor: string }).deliveryStreamCursor;
}

function ownCursor(kind: keyof World, own: World): string {
  if (kind === 'attempt') return encodeCursor('attempts', 1);
  const list = CURSOR_LISTS[kind as keyof typeof CURSOR_LISTS] as (typeof CURSOR_LISTS)['target'] | undefined;
  return encodeCursor(list ?? 'targets', own[kind]);
}

test('no query or mutation shows anything of another organization when it is asked for nothing in particular', async () => {
  await using t = await setupWalk();
  const operations = plainOperations(schema);
  for (const { label, document, variables } of operations) {
    for (const [scope, caller] of t.callers) {
      const text = JSON.stringify(await t.execute(document, variables as never, caller));
      for (const secret of [THEIRS, ...Object.values(t.theirs)]) {
        expect({ label, scope, text }).not.toEqual({ label, scope, text: expect.stringContaining(secret) });
      }
      caseCount++;
    }
  }
  expect(operations.length).toBeGreaterThan(10);
});

type Watched = {
  readonly stream: ApiStream<unknown>;
  readonly first: Promise<ApiResult | undefined>;
  arrived: boolean;
};

/** Begins to read at once, and remembers whether anything came. */
function watch(stream: ApiStream<unknown>): Watched {
  const watched: Watched = { stream, first: stream.next(), arrived: false };
  void watched.first.then(() => (watched.arrived = true));
  return watched;
}

const subscriptions = Object.values(schema.getSubscriptionType()!.getFields()).map(({ name }) => name);

test.each(subscriptions)('%s shows nothing of another organization, whatever it is filtered by', async (field) => {
  await using t = await setupWalk();
  await using streams = new AsyncDisposableStack();
  const open = async (slot: Slot, name: string, caller: Caller | null, isFull = false) => {
    const { stream, errors } = await t.subscribe<unknown, object>(
      slot.document,
      slot.variables({ name, ids: {} }, isFull),
      caller,
    );
    if (stream) streams.defer(() => stream[Symbol.asyncDispose]());
    return { watched: stream && watch(stream), text: JSON.stringify(errors).replaceAll(name, 'NAME') };
  };
  const silent: Watched[] = [];
  const own: Watched[] = [];
  const ofField = slots.filter(
    ({ label }) => label.startsWith(`subscription ${field}(`) || label.startsWith(`subscription ${field}.`),
  );
  for (const slot of ofField.filter(({ takes }) => takes === 'id')) {
    const mine: Watched[] = [];
    for (const [kind, theirs, nobodys] of namesFor(slot, t.theirs, t.fixtures.ids.next)) {
      for (const [scope, caller] of t.callers) {
        for (const isFull of [false, true]) {
          const [answer, expected] = [
            await open(slot, theirs, caller, isFull),
            await open(slot, nobodys, caller, isFull),
          ];
          const about = { slot: slot.label, kind, scope, isFull };
          expect({ ...about, text: answer.text, isOpen: !!answer.watched }).toEqual({
            ...about,
            text: expected.text,
            isOpen: !!expected.watched,
          });
          if (answer.watched) silent.push(answer.watched);
          caseCount++;
        }
      }
      const { watched } = await open(slot, t.ours[kind as keyof World], t.member);
      if (watched) mine.push(watched);
    }
    own.push({ stream: mine[0]!.stream, first: Promise.any(mine.map(({ first }) => first)), arrived: false });
  }
  const whole = await t.subscribe(firstDocument(field), {}, t.member);
  if (!whole.stream) throw new Error(whole.errors[0]!.message);
  streams.defer(() => whole.stream[Symbol.asyncDispose]());

  // What the other organization does comes first in every stream that would show it.
  await act(t, t.theirs, t.stranger);
  await act(t, t.ours, t.member);
  const shown = [await whole.stream.next(), ...(await Promise.all(own.map(({ first }) => first)))];
  for (const result of shown) {
    expect(result?.errors).toEqual([]);
    for (const secret of [THEIRS, ...Object.values(t.theirs)]) expect(JSON.stringify(result)).not.toContain(secret);
  }
  expect(silent.filter(({ arrived }) => arrived)).toEqual([]);
});

/** Everything a change shows, without a filter. */
const firstDocument = (field: string): string =>
  `subscription { ${field} ${selectAll(schema, schema.getSubscriptionType()!.getFields()[field]!.type)} }`;

/** Changes a delivery, a target and a replay of an organization, and publishes an event of it, as its own caller may. */
async function act(
  t: Awaited<ReturnType<typeof setupWalk>>,
  { delivery, target, replay }: World,
  caller: Caller,
): Promise<void> {
  const document = `mutation { cancelDelivery(input: { id: "${delivery}" }) { userErrors { code } }
    updateWebhookTarget(input: { id: "${target}", status: PAUSED }) { userErrors { code } }
    publishEvent(input: { eventType: "customer.created", data: {}, customerId: "${delivery}" }) { userErrors { code } }
    cancelReplay(input: { id: "${replay}" }) { userErrors { code } } }`;
  const done = { userErrors: [] };
  expect(await t.query(document, {}, caller)).toEqual({
    cancelDelivery: done,
    updateWebhookTarget: done,
    publishEvent: done,
    cancelReplay: done,
  });
}
