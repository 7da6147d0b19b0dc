/** What has become of erasures. */
import { Prisma } from '../../../prisma/generated/client.ts';
import { isId } from '../../domain/ksuid.ts';
import { callerOf, reachOf } from '../build/access.ts';
import { builder } from '../build/builder.ts';
import { connectionOf, pageArguments } from '../build/connection.ts';
import { Erasure } from '../build/refs.ts';
import { erasureList, type Parent, type Selection } from '../read/list.ts';
import { loadersOf } from '../read/reads.ts';
import type { ErasureRow } from '../read/rows.ts';
import { ErasureConnection } from './type.ts';

builder.queryField('erasure', (t) =>
  t.field({
    type: Erasure,
    nullable: true,
    needs: 'EVENTS_ERASE',
    description: 'The erasure with this id; null when there is none in the caller’s organization.',
    args: { id: t.arg.id({ required: true, description: 'KSUID of the erasure.' }) },
    resolve: (_, { id }, context) =>
      isId(id) ? loadersOf(context).erasure.load({ id, organizationId: reachOf(context) }) : null,
  }),
);

builder.queryField('erasures', (t) =>
  t.field({
    type: ErasureConnection,
    needs: 'EVENTS_ERASE',
    description: 'The erasures of the caller’s organization, newest first.',
    args: pageArguments(t.arg),
    resolve: (_, args, context) => {
      const { organizationId } = callerOf(context);
      return connectionOf(erasuresOf({ id: organizationId, organizationId }), args);
    },
  }),
);

const erasuresOf = (organization: Parent): Selection<ErasureRow> => ({
  list: erasureList,
  parent: organization,
  where: ({ id }) => [Prisma.sql`organization_id = ${id}`],
  key: 'erasures',
});
