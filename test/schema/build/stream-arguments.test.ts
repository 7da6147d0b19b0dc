/** What the arguments of every stream have in common. */
import { parse, subscribe } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createContext } from '../../../src/schema/index.ts';
import { createApi, toApiError, type Api } from '../../support/api.ts';

let api: Api;

beforeAll(async () => {
  api = await createApi();
});

afterAll(() => api[Symbol.asyncDispose]());

test('every stream reads the header Last-Event-ID, and refuses one that is no cursor of its own', async () => {
  const caller = await api.caller((await api.fixtures.organization()).id);
  const fields = Object.keys(api.schema.getSubscriptionType()!.getFields());
  const refusals = fields.map(async (field) => {
    const contextValue = createContext(api.services, caller, 'request', () => {}, 'nonsense');
    const document = parse(`subscription { ${field} { cursor } }`);
    const result = await subscribe({ schema: api.schema, document, contextValue });
    return 'errors' in result ? toApiError(result.errors![0]!).extensions['argument'] : result;
  });
  expect(fields).toContain('eventPublished');
  expect(await Promise.all(refusals)).toEqual(fields.map(() => 'Last-Event-ID'));
});
