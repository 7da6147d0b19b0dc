import { expect, test } from 'vitest';
import { explainNoDelivery } from '../../../../src/console/events/one/no-delivery-words.ts';

test('every reason that the API has is explained, and each in its own words', async () => {
  const { readFile } = await import('node:fs/promises');
  const schema = await readFile(new URL('../../../../schema.graphql', import.meta.url), 'utf8');
  const [, members] = /enum NoDeliveryReason \{([\s\S]*?)\n\}/.exec(schema)!;
  const reasons = [...members!.matchAll(/^ {2}([A-Z_]+)$/gm)].map(([, name]) => name as never);
  expect(reasons.length).toBeGreaterThan(5);
  const words = new Set(reasons.map(explainNoDelivery));
  expect(words.size).toBe(reasons.length);
  expect(words).not.toContain(explainNoDelivery(null));
});

test('a reason that is not known is not guessed', () => {
  expect(explainNoDelivery(null)).toMatch(/Nothing/);
});
