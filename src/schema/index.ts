/**
 * The GraphQL schema. Read build/ first (its README says in which order), then read/, then any noun: each file or folder
 * here adds the types, queries, mutations and subscriptions of one noun to the builder. A noun too long for one file is a
 * folder of type.ts, queries.ts and mutations.ts.
 */
import type { GraphQLSchema } from 'graphql';
import './api-key.ts';
import './audit-log.ts';
import { builder } from './build/builder.ts';
import './delivery-attempt.ts';
import './delivery-status-change.ts';
import './delivery/mutations.ts';
import './delivery/queries.ts';
import './delivery/type.ts';
import './erasure/mutations.ts';
import './erasure/queries.ts';
import './erasure/type.ts';
import './event-type.ts';
import './event-published.ts';
import './event/mutations.ts';
import './event/queries.ts';
import './event/targets.ts';
import './event/type.ts';
import './node.ts';
import './organization-list.ts';
import './organization.ts';
import './portal-session.ts';
import './replay/mutations.ts';
import './replay/progress.ts';
import './replay/queries.ts';
import './replay/type.ts';
import './signing-key.ts';
import './statistics/queries.ts';
import './webhook-target-status-change.ts';
import './webhook-target/mutations.ts';
import './webhook-target/queries.ts';
import './webhook-target/test-filter.ts';
import './webhook-target/type.ts';

export { createContext, type Context, type Services } from './build/context.ts';

/** The executable schema of the whole API; the same every time. */
export const buildSchema = (): GraphQLSchema => builder.toSchema();
