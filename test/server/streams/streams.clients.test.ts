/** How the clients of src/schema/README.md take those ends of a stream for which a real service has reason only after minutes. */
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { RequestError, type RequestErrorCode } from '../../../src/errors.ts';
import { watch as watchSse } from '../../support/examples/watch-sse.ts';
import { watch as watchWs } from '../../support/examples/watch-ws.ts';
import { API_KEY, setup } from '../setup.ts';

const SDL = /* GraphQL */ `
  type Query {
    hello: String
  }
  type Subscription {
    deliveryStatusChanged(after: String): Change!
  }
  type Change {
    cursor: String!
    status: String!
    delivery: Delivery!
  }
  type Delivery {
    id: ID!
  }
`;

const change = (nth: number) => ({ cursor: `c${nth}`, status: 'DELIVERED', delivery: { id: `d${nth}` } });

/** A stream that shows two changes after the cursor, and then ends as it is told to. */
function createChanges(end: () => unknown) {
  const starts: string[] = [];
  const schema = buildSchema(SDL);
  const field = (schema.getType('Subscription') as GraphQLObjectType).getFields()['deliveryStatusChanged']!;
  field.resolve = (event) => event;
  field.subscribe = async function* (_, { after }) {
    starts.push(after);
    const first = Number(after.slice(1)) + 1;
    yield change(first);
    yield change(first + 1);
    const last = end();
    if (last) yield last;
  };
  return { schema, starts };
}

const fail = (code: RequestErrorCode) => () => {
  throw new RequestError(code, 'The stream ends here.', { cursor: 'c0' });
};

describe.each([
  ['WebSocket', watchWs, 'ws'],
  ['SSE', watchSse, 'http'],
])('the client over %s resumes after the last change it was shown', (_transport, watch, scheme) => {
  test.each([
    ['when it is ended with SLOW_CONSUMER', fail('SLOW_CONSUMER')],
    ['when the stream cannot be read at the moment', fail('SERVICE_UNAVAILABLE')],
    ['when a change could not be shown', () => ({ cursor: 'c9', status: 'DELIVERED', delivery: null })],
    ['when the stream is completed', () => undefined],
  ])('%s', async (_name, end) => {
    const { schema, starts } = createChanges(end);
    await using t = await setup({ schema });
    const url = `${t.url.replace('http', scheme)}/graphql`;
    const reload = () => Promise.reject(new Error('There is a cursor'));
    const shown: string[] = [];
    for await (const { delivery } of watch({ url, apiKey: API_KEY, cursor: 'c0', reload })) {
      if (shown.push(delivery.id) === 5) break;
    }
    expect(shown).toEqual(['d1', 'd2', 'd3', 'd4', 'd5']);
    expect(starts).toEqual(['c0', 'c2', 'c4']);
  });
});
