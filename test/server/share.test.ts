/** Operations of the API in their organization's share of the process. */
import { expect, test } from 'vitest';
import { ALONE } from '../support/fair-share.ts';
import { postGraphql, subscribeSse } from '../support/client.ts';
import { API_KEY, callerOf, setup } from './setup.ts';

/** A share that notes which operations begin and end. */
function createShare(begins = true) {
  const log: string[] = [];
  const ended = Promise.withResolvers<void>();
  const end = () => {
    log.push('ends');
    ended.resolve();
  };
  const begin = async (organizationId: string) => {
    log.push(`${organizationId} begins`);
    return begins ? end : null;
  };
  return { log, ended: ended.promise, fairShare: { ...ALONE, begin } };
}

test('an operation begins in the share of its organization, and has ended when it is answered', async () => {
  const { log, ended, fairShare } = createShare();
  await using t = await setup({ fairShare });
  const { status } = await postGraphql(t.url, { query: '{ hello }' }, { apiKey: API_KEY });
  await ended;
  expect([status, log]).toEqual([200, [`${callerOf('key1').organizationId} begins`, 'ends']]);
});

test('when too many operations of the organization wait, the answer is SERVICE_UNAVAILABLE', async () => {
  await using t = await setup({ fairShare: createShare(false).fairShare });
  const response = await fetch(`${t.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
    body: JSON.stringify({ query: '{ hello }' }),
  });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  expect(await response.text()).toContain('Too many operations of this organization are waiting');
});

test('a platform admin acts for all organizations, and never waits', async () => {
  const { log, fairShare } = createShare(false);
  await using t = await setup({ fairShare });
  t.keys.set(API_KEY, { ...callerOf('key1'), isPlatformAdmin: true });
  const { status } = await postGraphql(t.url, { query: '{ hello }' }, { apiKey: API_KEY });
  expect([status, log]).toEqual([200, []]);
});

test('a subscription over SSE is under way until its stream is there, and no longer', async () => {
  const { log, ended, fairShare } = createShare();
  await using t = await setup({ fairShare });
  const opening = subscribeSse(t.url, { query: 'subscription { slowTicks { number } }' }, { apiKey: API_KEY });
  await t.slow.started();
  expect(log).toEqual([`${callerOf('key1').organizationId} begins`]);
  t.slow.finish();
  await using _stream = await opening;
  await ended;
  expect(log.at(-1)).toBe('ends');
});

test('a query whose answer is an event stream is under way until it is answered', async () => {
  const { log, ended, fairShare } = createShare();
  await using t = await setup({ fairShare });
  const answering = subscribeSse(t.url, { query: '{ slow }' }, { apiKey: API_KEY });
  await t.slow.started();
  expect(log).toEqual([`${callerOf('key1').organizationId} begins`]);
  t.slow.finish();
  await using _answer = await answering;
  await ended;
});
