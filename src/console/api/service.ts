/** The service as the session sees it: what every query, mutation and stream of the console goes through. */
import { execute, type ServiceAccess } from '@hookcast/client';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { createContext, use } from 'react';
import type { Session } from './session.ts';

export const accessOf = ({ apiKey, organizationId }: Session): ServiceAccess => ({
  url: '/graphql',
  getApiKey: () => apiKey,
  organizationId,
});

const Access = createContext<ServiceAccess | null>(null);

export const ServiceProvider = Access.Provider;

/** Throws outside of a signed-in page: a page that asks there is our mistake. */
export function useService(): ServiceAccess {
  const access = use(Access);
  if (!access) throw new Error('useService was called where nobody is signed in');
  return access;
}

export const ask = <Data, Variables>(
  access: ServiceAccess,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Data> => execute({ ...access, document, variables, signal } as never);
