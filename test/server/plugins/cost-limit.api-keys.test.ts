/** Many aliases of the list of API keys, in an organization that has ten thousand: over HTTP, at the product's limits. */
import { expect, test } from 'vitest';
import { postGraphql } from '../../support/client.ts';
import { setupProduct } from '../product.ts';
import { API_KEY } from '../setup.ts';

async function setup() {
  const t = await setupProduct();
  await t.api.database.pool.query(
    `insert into api_keys (id, organization_id, name, prefix, hash, scopes, created_at)
     select '2' || lpad(i::text, 26, '0'), $1, 'many', 'hk_many', sha256(i::text::bytea), '{TARGETS_READ}', now()
       from generate_series(1, 10000) i`,
    [t.organizationId],
  );
  const ask = async (fields: string) => {
    const aliases = Array.from({ length: 20 }, (_, i) => `a${i}: apiKeys { ${fields} }`);
    return postGraphql(t.url, { query: `{ ${aliases.join(' ')} }` }, { apiKey: API_KEY });
  };
  return Object.assign(t, { ask });
}

test('20 aliases of apiKeys are answered, each with 1,000 of 10,000 keys, or refused for what they cost', async () => {
  await using t = await setup();
  const { status, body } = await t.ask('id');
  expect([status, body.errors]).toEqual([200, undefined]);
  expect(Object.values(body.data!).map((keys) => (keys as object[]).length)).toEqual(Array(20).fill(1_000));

  const refused = await t.ask('id name prefix');
  expect(refused.status).toBe(400);
  expect(refused.body.errors).toMatchObject([{ extensions: { code: 'QUERY_TOO_COMPLEX', cost: 80_000 } }]);
});
