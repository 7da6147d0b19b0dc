/** Which audit entries a list shows. */
import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../access/caller.ts';
import { builder } from './build/builder.ts';
import { allOf, canMatch, createdWithin, DateTimeRangeInput, NOTHING, type DateTimeRange } from './read/conditions.ts';
import { auditList, type Selection } from './read/list.ts';
import type { AuditRow } from './read/rows.ts';
import { AT_MOST } from './build/short-lists.ts';

type AuditFilter = {
  readonly operation?: readonly string[] | null | undefined;
  readonly apiKeyId?: string | null | undefined;
  readonly subjectId?: string | null | undefined;
  readonly at?: DateTimeRange | null | undefined;
};

export const AuditFilterInput = builder.inputRef<AuditFilter>('AuditFilter').implement({
  description:
    'Which audit entries to list: those that satisfy every field that is given. Null restricts nothing; an empty list ' +
    'matches nothing; a name or id that does not exist matches nothing.',
  fields: (t) => ({
    operation: t.stringList({ description: `Made by one of these mutations or commands. ${AT_MOST}` }),
    apiKeyId: t.id({ description: 'Made with this API key.' }),
    subjectId: t.id({ description: 'About the object with this id; about the event type of this name.' }),
    at: t.field({ type: DateTimeRangeInput, description: 'Made in this range of time.' }),
  }),
});

/** Those of the caller's organization; for a platform admin those of all organizations, and of the deployment. */
export function entriesOf(
  { organizationId, isPlatformAdmin }: Caller,
  filter: AuditFilter | null | undefined,
): Selection<AuditRow> {
  const { operation, apiKeyId, subjectId, at } = filter ?? {};
  const where: Selection<AuditRow>['where'] = ({ id }) => {
    if (!canMatch(operation, apiKeyId, subjectId)) return [NOTHING];
    const conditions = [
      isPlatformAdmin ? Prisma.sql`true` : Prisma.sql`organization_id = ${id}`,
      operation != null ? Prisma.sql`operation = any(${operation})` : undefined,
      apiKeyId != null ? Prisma.sql`api_key_id = ${apiKeyId}` : undefined,
      // A key whose id is not shown is not found by it either.
      apiKeyId != null && !isPlatformAdmin ? Prisma.sql`api_key_organization_id = ${id}` : undefined,
      subjectId != null ? Prisma.sql`subject_id = ${subjectId}` : undefined,
      createdWithin(at, Prisma.sql`at`),
    ];
    return [allOf(conditions)];
  };
  const parent = { id: organizationId, organizationId };
  return { list: auditList, parent, where, key: JSON.stringify(['entries', isPlatformAdmin, filter]) };
}
