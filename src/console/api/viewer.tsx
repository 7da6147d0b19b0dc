/** Who is signed in, as the service sees it: asked for once, before any page is shown. */
import { createContext, use } from 'react';
import { grants, type ApiScope } from '../../domain/api-keys/scope.ts';
import { graphql } from '../generated/gql.ts';
import type { ViewerQuery } from '../generated/graphql.ts';

export const VIEWER = graphql(`
  query Viewer {
    viewer {
      organization {
        id
        name
      }
      apiKey {
        id
        name
        scopes
      }
    }
  }
`);

export type Viewer = ViewerQuery['viewer'];

const Context = createContext<Viewer | null>(null);

export const ViewerProvider = Context.Provider;

/** Throws outside of a signed-in page: a page that asks there is our mistake. */
export function useViewer(): Viewer {
  const viewer = use(Context);
  if (!viewer) throw new Error('useViewer was called where nobody is signed in');
  return viewer;
}

/** Whether the viewer may do what needs this scope. What would be refused is not offered. */
export function useMay(scope: ApiScope): boolean {
  return grants(scopesOf(useViewer()), scope);
}

export const scopesOf = ({ apiKey }: Viewer): ReadonlySet<ApiScope> => new Set(apiKey.scopes);
