/** For Apollo Client 4. */
import { ApolloLink, type InMemoryCacheConfig, Observable } from '@apollo/client';
import { resume, type ResumeOptions } from './resume.ts';
import { NODE_TYPES } from './schema-types.ts';

export type { ResumeOptions, Subscribed } from './resume.ts';

/**
 * Carries subscriptions, and passes everything else on to the next link. Subscriptions take `after` from a variable, select
 * `cursor`, and go on where they were after every interruption.
 */
export function resumeLink(options: ResumeOptions): ApolloLink {
  return new ApolloLink((operation, forward) => {
    const { operationType, query, variables } = operation;
    if (operationType !== 'subscription') return forward(operation);
    return new Observable((observer) => resume({ document: query, variables }, options, observer as never));
  });
}

/** For `new InMemoryCache(…)`: which types there are, and what tells their objects apart where it is not `id`. */
export const cacheConfig: Pick<InMemoryCacheConfig, 'possibleTypes' | 'typePolicies'> = {
  possibleTypes: { Node: [...NODE_TYPES] },
  typePolicies: {
    EventType: { keyFields: ({ id, name }) => (id ? ['id'] : name ? ['name'] : false) },
    Viewer: { keyFields: [] }, // There is one.
  },
};
