/** Whose rows a caller may manage. */
import { userError, type UserError } from '../errors.ts';
import { quote } from '../domain/text.ts';

/** Who manages; a Caller of access/ is one. */
export type ManagingCaller = {
  readonly organizationId: string;
  /** May act on the rows of every organization, by their ids. */
  readonly isPlatformAdmin: boolean;
};

/** The organization that a look-up is limited to; null is none. For `($n::text is null or organization_id = $n)`. */
export const reach = ({ organizationId, isPlatformAdmin }: ManagingCaller): string | null =>
  isPlatformAdmin ? null : organizationId;

/** One answer for an id that is malformed, unknown, deleted, or another organization's: they look the same. */
export const notFound = (what: string, id: string, field = 'id'): UserError =>
  userError('NOT_FOUND', field, `No ${what} has the id ${quote(id)}.`);
