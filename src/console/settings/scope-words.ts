/** What each scope lets somebody do, in words for whoever gives it away. */
import { API_SCOPES, type ApiScope } from '../../domain/api-keys/scope.ts';

export const SCOPE_WORDS: Readonly<Record<ApiScope, string>> = {
  TARGETS_READ: 'See webhook targets and how they do.',
  TARGETS_WRITE: 'Create, change, test and delete webhook targets, and rotate their secrets. Sees them too.',
  EVENTS_READ: 'See events and their data.',
  EVENTS_PUBLISH: 'Publish events.',
  DELIVERIES_READ: 'See deliveries, each attempt and what targets answered, live.',
  DELIVERIES_WRITE: 'Retry, cancel, redeliver and replay. Sees deliveries too.',
  API_KEYS_MANAGE: 'Create and revoke API keys and portal sessions, and read the audit log.',
  PLATFORM_ADMIN: 'Everything, in every organization. For the operator of the deployment only.',
  EVENTS_ERASE: 'Erase the data of events for good. Nothing brings it back.',
};

/** The scopes in the order in which they are always shown. */
export const SCOPES: readonly ApiScope[] = API_SCOPES;
