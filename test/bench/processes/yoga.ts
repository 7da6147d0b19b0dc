/**
 * The reference for publishing: the same request, answered by an empty resolver of Yoga on the same HTTP server, with no
 * plugins, no database and no authentication.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';

export type FromYoga = { readonly type: 'listening'; readonly url: string };

const typeDefs = /* GraphQL */ `
  scalar JSON
  input PublishEventInput {
    eventType: String!
    data: JSON
    rawData: String
    customerId: String
    idempotencyKey: String
  }
  type Event {
    id: ID!
  }
  type UserError {
    message: String!
  }
  type PublishEventPayload {
    event: Event
    deliveryCount: Int
    userErrors: [UserError!]!
  }
  type Query {
    nothing: Boolean
  }
  type Mutation {
    publishEvent(input: PublishEventInput!): PublishEventPayload!
  }
`;
const payload = { event: { id: 'x'.repeat(27) }, deliveryCount: 1, userErrors: [] };
const schema = createSchema({ typeDefs, resolvers: { Mutation: { publishEvent: () => payload } } });
const yoga = createYoga({ schema, graphiql: false, landingPage: false, logging: false });
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => void yoga(request, response));
server.listen(0, '127.0.0.1', () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  process.send!({ type: 'listening', url } satisfies FromYoga);
});
process.on('disconnect', () => process.exit());
