/** For urql, by its core (@urql/core 5 and newer). */
import { type Exchange, subscriptionExchange } from '@urql/core';
import { resume, type ResumeOptions } from './resume.ts';
import { UNKEYED_TYPES } from './schema-types.ts';

export type { ResumeOptions, Subscribed } from './resume.ts';

/**
 * Carries subscriptions, in the place of `subscriptionExchange`. They take `after` from a variable, select `cursor`, and go on
 * where they were after every interruption.
 */
export const resumeExchange = (options: ResumeOptions): Exchange =>
  subscriptionExchange({
    forwardSubscription: ({ query, variables = {} }) => ({
      subscribe: (observer) => ({
        unsubscribe: resume({ document: query!, variables }, options, observer),
      }),
    }),
  });

type Keys = Readonly<Record<string, (object: { readonly [field: string]: unknown }) => string | null>>;

/** For `cacheExchange({ keys })` of Graphcache: what tells objects apart where it is not `id`; null: part of its parent. */
export const keys: Keys = {
  ...Object.fromEntries(UNKEYED_TYPES.map((name) => [name, () => null])),
  EventType: ({ id, name }) => (id ?? name ?? null) as string | null,
};
