/** The GraphQL schema: each of these files adds the types and root fields of its noun to the builder. */
import type { GraphQLSchema } from 'graphql';
import './api-key-mutations.ts';
import './api-key.ts';
import './audit-log.ts';
import { builder } from './build/builder.ts';
import './delivery-attempt.ts';
import './delivery-mutations.ts';
import './delivery-status-change.ts';
import './delivery.ts';
import './event-type-mutations.ts';
import './event-type.ts';
import './event.ts';
import './node.ts';
import './organization.ts';
import './publish.ts';
import './rotate-secret.ts';
import './send-test-event.ts';
import './signing-key.ts';
import './webhook-target-mutations.ts';
import './webhook-target-status-change.ts';
import './webhook-target.ts';

export { createContext, type Context, type Services } from './build/context.ts';

/** The executable schema of the whole API; the same every time. */
export const buildSchema = (): GraphQLSchema => builder.toSchema();
