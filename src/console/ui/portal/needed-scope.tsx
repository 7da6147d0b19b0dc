import type { ApiScope } from '../../../domain/api-keys/scope.ts';
import { useIsPortal } from './use-is-portal.ts';

/** What to do about a missing scope. In the portal nobody has an API key, and the site around it has chosen the scopes. */
export const NeededScope = ({ scope }: { readonly scope: ApiScope | null }) =>
  useIsPortal()
    ? 'The site that shows this page decides what you may see and do here.'
    : `It needs the scope ${scope}. Ask for an API key that has it, and sign in with that.`;
