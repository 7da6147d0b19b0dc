/** The organization that a client names: by its id, or by its external id. */
import { isId } from '../../domain/ksuid.ts';
import { isReached } from './access.ts';
import type { Context } from './context.ts';
import { canMatch } from '../read/conditions.ts';
import { loadersOf } from '../read/reads.ts';

type Name = string | null | undefined;

/** Whether the name can only be an external id: it must be looked up. */
export const isExternalId = (name: Name): name is string => name != null && !isId(name);

/**
 * The id of the organization. What names none stays as it is: whoever looks for it finds nothing. Only a platform admin who acts
 * in no organization learns which id belongs to an external id of another one.
 */
export async function toOrganizationId<Given extends Name>(context: Context, name: Given): Promise<Given | string> {
  if (!isExternalId(name) || !canMatch(name)) return name;
  const found = await loadersOf(context).organizationByExternalId.load(name);
  return found && isReached(context, found.id) ? found.id : name;
}
