/** Which rows a caller may read and change, and the answer to a caller who asks for others. */
import { userError, type UserError } from '../errors.ts';
import { quote, type InputField } from './text.ts';

/** The caller, as far as rules on rows need to know. A Caller of access/ has these fields too. */
export type Principal = {
  readonly organizationId: string;
  /** May act on the rows of every organization, by their ids. */
  readonly isPlatformAdmin: boolean;
};

/**
 * The organization that a look-up by id is limited to; null finds rows of every organization. In SQL:
 * `($n::text is null or organization_id = $n)`.
 */
export const reach = ({ organizationId, isPlatformAdmin }: Principal): string | null =>
  isPlatformAdmin ? null : organizationId;

/** One answer for an id that is malformed, unknown, deleted or another organization's: nobody can tell them apart. */
export const notFound = (what: string, id: string, field: InputField = 'id'): UserError =>
  userError('NOT_FOUND', field, `No ${what} has the id ${quote(id)}.`);
