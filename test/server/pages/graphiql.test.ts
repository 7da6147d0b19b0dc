/** What the page of GraphiQL brings; graphiql.browser.test.ts uses it. */
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { GRAPHIQL_EXAMPLES } from '../../../src/server/pages/graphiql-examples.ts';
import { measureDocument } from '../../../src/server/plugins/document-size.ts';
import { setup } from '../setup.ts';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('the page allows nothing that another host serves, and its files may be cached for ever', async () => {
  await using t = await setup();
  const page = await fetch(`${t.url}/graphql`, { headers: BROWSER });
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
  expect(paths).toHaveLength(4);
  expect(html).not.toMatch(/https?:/);
  for (const path of paths) {
    const file = await fetch(t.url + path);
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-encoding')).toBe('gzip');
    await file.arrayBuffer();
  }
});

test.each(GRAPHIQL_EXAMPLES)('an example is one valid operation within the limits: %j', (example) => {
  const document = parse(example);
  expect(document.definitions).toHaveLength(1);
  expect(validate(buildSchema(), document)).toEqual([]);
  expect(measureDocument(document).exceeded).toBeNull();
});

test('a client that does not ask for a page gets GraphQL', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/graphql?query={hello}`, { headers: { Accept: '*/*' } });
  expect(await response.json()).toEqual({ data: { hello: 'Hello, world' } });
});
