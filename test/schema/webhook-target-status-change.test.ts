import { expect, test } from 'vitest';
import type { Caller } from '../../src/access/caller.ts';
import { recordTargetChange } from '../../src/live/changes/target-changes.ts';
import { graphql } from '../generated/gql.ts';
import { setup } from './setup.ts';

const CHANGES = graphql(`
  subscription TargetChanges($filter: WebhookTargetStreamFilter, $after: String) {
    webhookTargetStatusChanged(filter: $filter, after: $after) {
      cursor
      occurredAt
      previousStatus
      status
      reason
      target {
        id
        url
        status
        disabledReason
      }
    }
  }
`);

type Filter = NonNullable<Parameters<typeof CHANGES.__apiType & object>[0]>['filter'];

async function setupStream() {
  const t = await setup();
  const cursor = async () => (await t.query('{ webhookTargetStreamCursor }')).webhookTargetStreamCursor as string;
  const start = await cursor();
  const mutate = async (name: string, input: string, caller?: Caller) => {
    const answer = await t.query(`mutation { ${name}WebhookTarget(input: { ${input} }) { __typename } }`, {}, caller);
    return answer[`${name}WebhookTarget`];
  };
  return Object.assign(t, {
    start,
    cursor,
    mutate,
    async create(caller?: Caller): Promise<string> {
      const input = 'input: { url: "https://example.com/webhooks" }';
      const { createWebhookTarget: created } = await t.query(
        `mutation { createWebhookTarget(${input}) { target { id } } }`,
        {},
        caller,
      );
      return created.target.id;
    },
    /** What a worker records; nobody rings. */
    disabled: (targetId: string, reason: string) =>
      recordTargetChange(t.database.pool, {
        organizationId: t.own,
        targetId,
        previousStatus: 'ACTIVE',
        status: 'DISABLED',
        reason,
        occurredAt: t.clock.now(),
      }),
    watch: (filter: Filter = null, after: string | null = null, caller?: Caller) =>
      t.follow(CHANGES, { filter, after }, caller),
  });
}

test('what mutations do to a target reaches the subscriber: created, updated and deleted', async () => {
  await using t = await setupStream();
  await using stream = await t.watch();
  const first = stream.change();
  const id = await t.create();
  const occurredAt = t.clock.now().toISOString();
  expect(await first).toEqual({
    cursor: expect.any(String),
    occurredAt,
    previousStatus: null,
    status: 'ACTIVE',
    reason: null,
    target: { id, url: 'https://example.com/webhooks', status: 'ACTIVE', disabledReason: null },
  });
  await t.mutate('update', `id: "${id}", name: "no change of status"`);
  await t.mutate('update', `id: "${id}", status: PAUSED`);
  expect(await stream.change()).toMatchObject({ previousStatus: 'ACTIVE', status: 'PAUSED', target: { id } });
  await t.mutate('delete', `id: "${id}"`);
  expect(await stream.change()).toMatchObject({
    previousStatus: 'PAUSED',
    status: null,
    target: { id, url: 'https://example.com/webhooks' },
  });
});

test('a target that the service disabled is shown with the reason', async () => {
  await using t = await setupStream();
  const [id, reason] = [await t.create(), 'It answered 410 Gone.'];
  await t.disabled(id, reason);
  await using stream = await t.watch({ status: ['DISABLED'] }, t.start);
  expect(await stream.change()).toMatchObject({ previousStatus: 'ACTIVE', reason, target: { id } });
});

test('a list joins the stream through webhookTargetStreamCursor, and a stream resumes after a change', async () => {
  await using t = await setupStream();
  const before = await t.create();
  const start = await t.cursor();
  const after = [await t.create(), await t.create()];
  await using stream = await t.watch(null, start);
  // What a list shows may come once more, while an older transaction of anybody is open.
  let first = await stream.change();
  if (first.target.id === before) first = await stream.change();
  expect([first.target.id, (await stream.change()).target.id]).toEqual(after);
  await using resumed = await t.watch(null, first.cursor);
  expect((await resumed.change()).target.id).toBe(after[1]);
});

test('each field of the filter lets through what it names; a deletion is of no status', async () => {
  await using t = await setupStream();
  const [first, second] = [await t.create(), await t.create()];
  await t.mutate('update', `id: "${second}", status: PAUSED`);
  await t.mutate('delete', `id: "${first}"`);
  const seen = async (filter: Filter, count: number) => {
    await using stream = await t.watch(filter, t.start);
    const steps: string[] = [];
    while (steps.length < count) {
      const { target, status } = await stream.change();
      steps.push(`${target.id === first ? 'first' : 'second'} ${status}`);
    }
    return steps;
  };
  expect(await seen({ status: ['PAUSED', 'DISABLED'] }, 1)).toEqual(['second PAUSED']);
  expect(await seen({ targetId: first }, 2)).toEqual(['first ACTIVE', 'first null']);
  expect(await seen({ targetId: second, status: ['ACTIVE', 'PAUSED'] }, 2)).toEqual(['second ACTIVE', 'second PAUSED']);
});

test('a stream shows the targets of its own organization only, a platform admin’s too', async () => {
  await using t = await setupStream();
  const { webhookTargetStreamCursor: theirStart } = await t.query('{ webhookTargetStreamCursor }', {}, t.stranger);
  const [theirs, ours] = [await t.create(t.stranger), await t.create()];
  for (const caller of [t.member, t.admin]) {
    await using stream = await t.watch(null, t.start, caller);
    expect(await stream.change()).toMatchObject({ target: { id: ours } });
  }
  await using stream = await t.watch(null, theirStart, t.stranger);
  expect(await stream.change()).toMatchObject({ target: { id: theirs } });
  const { errors } = await t.subscribe(CHANGES, { filter: null, after: t.start }, t.stranger);
  expect(errors).toMatchObject([{ code: 'CURSOR_EXPIRED' }]);
});

test('a filter that can never match by its shape, and a cursor of another stream, are BAD_USER_INPUT', async () => {
  await using t = await setupStream();
  const { deliveryStreamCursor } = await t.query('{ deliveryStreamCursor }');
  const wrong: [object, string][] = [
    [{ filter: { targetId: 'x' } }, 'filter.targetId'],
    [{ filter: { status: [] } }, 'filter.status'],
    [{ after: deliveryStreamCursor }, 'after'],
    [{ after: '' }, 'after'],
  ];
  for (const [variables, argument] of wrong) {
    const { errors } = await t.subscribe(String(CHANGES), variables, t.member);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', extensions: { argument } }]);
  }
  const { errors } = await t.subscribe(
    `subscription { deliveryStatusChanged(after: "${t.start}") { cursor } }`,
    {},
    t.member,
  );
  expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT', extensions: { argument: 'after' } }]);
});

test('many subscribers to a change read its target once; who selects its id reads nothing', async () => {
  await using t = await setupStream();
  const streams = await Promise.all(Array.from({ length: 200 }, () => t.watch()));
  const narrow = await t.follow<any, unknown>('subscription { webhookTargetStatusChanged { target { id } } }', {});
  const first = Promise.all([narrow.change(), ...streams.map((stream) => stream.change())]);
  const { id } = await t.fixtures.target({ organizationId: t.own });
  t.statements.length = 0;
  await t.disabled(id, 'It answered 410 Gone.');
  for (const change of await first) expect(change).toMatchObject({ target: { id } });
  expect(t.statements.filter((text) => text.includes('from webhook_targets'))).toHaveLength(1);
  await Promise.all([narrow, ...streams].map((stream) => stream[Symbol.asyncDispose]()));
});
