/** Which rows a caller may read and change, and the answer to a caller who asks for others. */
import { userError, type UserError } from '../errors.ts';
import { isId } from './ksuid.ts';
import { quote, type InputField } from './text.ts';

/** The caller, as far as rules on rows need to know. A Caller of access/ has these fields too. */
export type Principal = {
  readonly organizationId: string;
  /** May act on the rows of every organization, by their ids, unless `actsFrom` is set. */
  readonly isPlatformAdmin: boolean;
  /** Set when the request names the organization that it acts in: then it reaches no other. */
  readonly actsFrom?: string | undefined;
};

/**
 * The organization that a look-up by id is limited to; null finds rows of every organization. In SQL:
 * `($n::text is null or organization_id = $n)`.
 */
export const reach = ({ organizationId, isPlatformAdmin, actsFrom }: Principal): string | null =>
  isPlatformAdmin && actsFrom === undefined ? null : organizationId;

/** Whether the caller may act on the rows of this organization. */
export const reaches = (caller: Principal, organizationId: string): boolean =>
  (reach(caller) ?? organizationId) === organizationId;

/** Why an input may not name this organization; null when it may. Then it is still to be seen whether it exists. */
export function refuseOrganization(caller: Principal, id: string, field: InputField): UserError | null {
  if (id === caller.organizationId) return null;
  if (caller.actsFrom === undefined)
    return caller.isPlatformAdmin && isId(id) ? null : notFound('organization', id, field);
  const expected = `Expected ${caller.organizationId}, in which this request acts (X-Organization-Id), or no organizationId`;
  return userError('INVALID', field, `${expected}; got ${quote(id)}.`);
}

/** One answer for an id that is malformed, unknown, deleted or another organization's: nobody can tell them apart. */
export const notFound = (what: string, id: string, field: InputField = 'id'): UserError =>
  userError('NOT_FOUND', field, `No ${what} has the id ${quote(id)}.`);
