/** Erasures: the data is taken out of events that stay listed. */
import type { ErasureStatus } from '../../domain/erasure.ts';
import { builder } from '../build/builder.ts';
import { connectionType } from '../build/connection.ts';
import { Node } from '../build/node-interface.ts';
import { Erasure } from '../build/refs.ts';

const STATUSES: { readonly [Status in ErasureStatus]: { readonly description: string } } = {
  RUNNING: { description: 'It goes on, after every restart too.' },
  COMPLETED: { description: 'Nothing of its scope is left.' },
};

const ErasureStatusEnum = builder.enumType('ErasureStatus', {
  description: 'Where an erasure stands.',
  values: STATUSES,
});

Erasure.implement({
  description:
    'Takes the data out of events that stay listed: their body, tags, idempotency key, and what targets answered. It runs in ' +
    'steps, and goes on after a restart. It is kept as long as the audit log.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.exposeID('id', { description: 'KSUID of the erasure.' }),
    status: t.field({ type: ErasureStatusEnum, description: 'Where it stands.', resolve: ({ status }) => status }),
    eventId: t.exposeID('eventId', {
      nullable: true,
      description: 'The one event that it is about; null: see customerId and tag.',
    }),
    customerId: t.exposeString('customerId', {
      nullable: true,
      description:
        'The customer whose events it is about. Null beside a null `eventId` and a null `tag`: it deletes everything of an ' +
        'organization (deleteOrganization).',
    }),
    tag: t.exposeString('tag', {
      nullable: true,
      description: 'The tag whose events it is about; null: see customerId.',
    }),
    before: t.expose('before', { type: 'DateTime', description: 'Only events published before this time.' }),
    eventCount: t.exposeInt('eventCount', {
      description: 'Events that it has erased so far. Those that were erased already do not count.',
    }),
    cancelledCount: t.exposeInt('cancelledCount', { description: 'Open deliveries that were cancelled with them.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was over; null until then. What is committed is erased within seconds. For about 20 seconds after ' +
        '`before` it waits for events whose publish was under way then.',
    }),
  }),
});

export const ErasureConnection = connectionType(Erasure, { name: 'Erasure', rows: 'erasures, newest first' });
