/** The service as the session sees it: what every query, mutation and stream of the application goes through. */
import { execute, WatchError, type ServiceAccess } from '@hookcast/client';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { createContext, use } from 'react';
import { graphql } from '../generated/gql.ts';

export type Access = ServiceAccess & {
  /** What single requests are made with. `getApiKey` is for streams: it may look at the key first, because a stream that is refused
   *  twice ends for good. Default: `getApiKey`. */
  readonly getKeyAtHand?: () => string;
  /** Gets another key in the place of a refused one. Resolves with whether there is one. Undefined: there is no other. */
  readonly renew?: () => Promise<boolean>;
};

/** The smallest question that needs a good key. */
export const WHO = graphql(`
  query Who {
    viewer {
      organization {
        id
      }
    }
  }
`);

type Keys = Required<Pick<Access, 'getKeyAtHand' | 'renew'>> & Pick<Access, 'organizationId'>;

/**
 * An access whose key may be refused in the middle of work. A stream that the service has ended asks for the next key, and waits
 * until there is a good one. The clocks of page and service may differ, so the service is asked whether it is good.
 */
export function accessWith({ getKeyAtHand, ...rest }: Keys): Access {
  const access: Access = {
    url: '/graphql',
    getKeyAtHand,
    ...rest,
    async getApiKey() {
      await ask(access, WHO, {}).catch(() => {}); // The stream itself meets what is wrong, and says it.
      return getKeyAtHand();
    },
  };
  return access;
}

const Context = createContext<Access | null>(null);

export const ServiceProvider = Context.Provider;

/** Throws outside of a signed-in page: a page that asks there is our mistake. */
export function useService(): Access {
  const access = use(Context);
  if (!access) throw new Error('useService was called where nobody is signed in');
  return access;
}

/** Rejects with a WatchError when the answer has errors. A request that was refused with its key is made once more with another. */
export async function ask<Data, Variables>(
  access: Access,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> {
  const { url, organizationId, renew } = access;
  const getApiKey = access.getKeyAtHand ?? access.getApiKey;
  const sentWith = access.getKeyAtHand?.();
  const send = () => execute({ url, getApiKey, organizationId, document, variables, signal } as never) as Promise<Data>;
  try {
    return await send();
  } catch (error) {
    const isRefused = error instanceof WatchError && error.code === 'UNAUTHENTICATED';
    // Refused with a key that was replaced meanwhile: that says nothing of the new one.
    if (isRefused && (access.getKeyAtHand?.() !== sentWith || (await renew?.()))) return send();
    throw error;
  }
}
