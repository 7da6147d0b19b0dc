import { auditServer, serverAudits } from 'graphql-http';
import { expect, test } from 'vitest';
import { buildSchema } from '../../src/schema/index.ts';
import { setup } from './setup.ts';

test('all 61 audits of GraphQL over HTTP pass on the product in production mode', async () => {
  await using t = await setup({
    schema: buildSchema(),
    allowLoopbackPages: false,
    suggestNames: false,
    strangerLimits: { operationsPerMinute: 1_000 },
  });
  const results = await auditServer({ url: `${t.url}/graphql` });
  expect(results).toHaveLength(61);
  expect(serverAudits({ url: '' })).toHaveLength(61);
  expect(results.filter(({ status }) => status !== 'ok')).toEqual([]);
});
