/** The list of organizations, for the platform. */
import { Prisma } from '../../prisma/generated/client.ts';
import { callerOf, reachOf } from './build/access.ts';
import { builder } from './build/builder.ts';
import { connectionOf, connectionType, pageArguments } from './build/connection.ts';
import { Organization } from './build/refs.ts';
import { allOf, canMatch, NOTHING } from './read/conditions.ts';
import { organizationList, type Parent, type Selection } from './read/list.ts';
import type { OrganizationRow } from './read/rows.ts';

const OrganizationConnection = connectionType(Organization, {
  name: 'Organization',
  rows: 'organizations, newest first',
});

const OrganizationFilterInput = builder.inputType('OrganizationFilter', {
  description: 'Organizations that satisfy every given field. A field that is null restricts nothing.',
  fields: (t) => ({
    search: t.string({
      description:
        'Part of the name, in upper or lower case; beyond ASCII as far as the locale of the database knows them. An empty ' +
        'text restricts nothing.',
    }),
  }),
});

builder.queryField('organizations', (t) =>
  t.field({
    type: OrganizationConnection,
    needs: 'PLATFORM_ADMIN',
    description:
      'The organizations of the deployment, newest first. A request that acts in one (`X-Organization-Id`) sees that one ' +
      'only.',
    args: {
      ...pageArguments(t.arg),
      filter: t.arg({ type: OrganizationFilterInput, description: 'Default: all of them.' }),
    },
    resolve: (_, { filter, ...args }, context) => {
      const { organizationId } = callerOf(context);
      const parent = { id: organizationId, organizationId };
      return connectionOf(organizationsIn(parent, reachOf(context), filter?.search), args);
    },
  }),
);

/** `only`: the one that the caller reaches; null: all. */
const organizationsIn = (
  parent: Parent,
  only: string | null,
  search: string | null | undefined,
): Selection<OrganizationRow> => ({
  list: organizationList,
  parent,
  where: ({ id }) => [
    canMatch(search)
      ? allOf([
          Prisma.sql`deleted_at is null`,
          only === null ? undefined : Prisma.sql`id = ${id}`,
          search ? Prisma.sql`strpos(lower(name), lower(${search})) > 0` : undefined,
        ])
      : NOTHING,
  ],
  key: JSON.stringify(['organizations', only === null, search]),
});
