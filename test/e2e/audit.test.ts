/** The audit log over HTTP: of a mutation that is sent again, and of mutations at once. */
import { expect, test } from 'vitest';
import { postGraphql } from '../support/client.ts';
import { API_KEY, startService } from '../support/service.ts';

const LOG = `{ auditLog(first: 100, filter: { operation: ["createWebhookTarget", "updateWebhookTarget"] }) {
  nodes { before after subjectId } } }`;
const CREATE = `mutation { createWebhookTarget(input: { url: "https://example.com/", name: "0" }) { target { id } } }`;

type Entry = { readonly before: { name: string } | null; readonly after: { name: string }; readonly subjectId: string };

async function setup() {
  const service = await startService({ EVENT_CATALOG: 'none', ROLES: 'api' });
  const post = (query: string, headers: Readonly<Record<string, string>> = {}) =>
    postGraphql(service.origin, { query }, { apiKey: API_KEY, headers });
  const entries = async (): Promise<Entry[]> => (await post(LOG)).body.data.auditLog.nodes;
  return { post, entries, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

test('a mutation that is sent again under its idempotency key leaves one row', async () => {
  await using t = await setup();
  const answers = [];
  for (const _ of [1, 2, 3]) answers.push((await t.post(CREATE, { 'idempotency-key': 'once' })).body);
  const { id } = answers[0]!.data.createWebhookTarget.target;
  expect(answers).toEqual([answers[0], answers[0], answers[0]]);
  expect(await t.entries()).toMatchObject([{ subjectId: id, before: null }]);
});

test('of changes at once each row begins where the one before ended', async () => {
  await using t = await setup();
  const { id } = (await t.post(CREATE)).body.data.createWebhookTarget.target;
  const rename = (name: number) =>
    t.post(`mutation { updateWebhookTarget(input: { id: "${id}", name: "${name}" }) { userErrors { code } } }`);
  await Promise.all(Array.from({ length: 20 }, (_, index) => rename(index + 1)));
  const [created, ...updates] = (await t.entries()).toReversed();
  expect(updates).toHaveLength(20);
  const next = new Map(updates.map(({ before, after }) => [before!.name, after.name]));
  let [name, steps] = [created!.after.name, 0];
  for (let to = next.get(name); to !== undefined; to = next.get(name)) [name, steps] = [to, steps + 1];
  expect(steps).toBe(20);
});
