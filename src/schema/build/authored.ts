/** The caller of a mutation that changes settings, as the audit log names it. */
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '../../access/caller.ts';
import type { Authored } from '../../manage/audit.ts';
import { callerOf } from './access.ts';
import type { Context } from './context.ts';

/** The operation is the mutation's name in the schema, whatever the client calls its operation or the field. */
export function authoredCaller(context: Context, { fieldName }: GraphQLResolveInfo): Caller & Authored {
  const caller = callerOf(context);
  const kind = caller.portalOf === undefined ? 'API_KEY' : 'PORTAL_SESSION';
  return { ...caller, author: { actor: { kind, apiKeyId: caller.apiKeyId }, operation: fieldName } };
}
