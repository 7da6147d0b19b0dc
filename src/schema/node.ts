/** Finding an object by nothing but its id. */
import { brandWithType } from '@pothos/core';
import { isId, parseAttemptId } from '../domain/ksuid.ts';
import { allows, callerOf, reachOf, type Need } from './build/access.ts';
import { builder } from './build/builder.ts';
import type { Context } from './build/context.ts';
import { Node } from './build/node-interface.ts';
import type { NodeType } from './read/node-types.ts';
import { loadersOf } from './read/reads.ts';
import type { RowKey } from './read/rows.ts';

const NEEDS: { readonly [Type in NodeType]: Need } = {
  Organization: 'ANY_KEY',
  ApiKey: 'API_KEYS_MANAGE',
  AuditEntry: 'API_KEYS_MANAGE',
  EventType: 'ANY_KEY',
  WebhookTarget: 'TARGETS_READ',
  Event: 'EVENTS_READ',
  Delivery: 'DELIVERIES_READ',
  DeliveryAttempt: 'DELIVERIES_READ',
  Erasure: 'EVENTS_ERASE',
  Replay: 'DELIVERIES_READ',
};

builder.queryField('node', (t) =>
  t.field({
    type: Node,
    nullable: true,
    needs: 'ANY_KEY',
    description:
      'The object with this id, whatever its type. Null when there is none in the caller’s organization, when it ' +
      'was deleted, or when the API key lacks the scope to read its type: WebhookTarget needs TARGETS_READ, Event ' +
      'EVENTS_READ, Delivery, DeliveryAttempt and Replay DELIVERIES_READ, Erasure EVENTS_ERASE, ApiKey and AuditEntry API_KEYS_MANAGE.',
    args: { id: t.arg.id({ required: true, description: 'Id of an object; any other text finds nothing.' }) },
    resolve: async (_, { id }, context) => {
      if (!isId(id)) return null;
      const key = { id, organizationId: reachOf(context) };
      const type = await loadersOf(context).nodeType.load(key);
      if (!type || !allows(callerOf(context), NEEDS[type])) return null;
      const node = await load(type, key, context);
      if (node) brandWithType(node, type as never);
      return node;
    },
  }),
);

function load(type: NodeType, key: RowKey, context: Context): Promise<object | null> {
  const loaders = loadersOf(context);
  switch (type) {
    case 'Organization':
      return loaders.organization.load(key.id);
    case 'ApiKey':
      return loaders.apiKey.load(key);
    case 'AuditEntry':
      return loaders.auditEntry.load(key);
    case 'EventType':
      return loaders.eventTypeById.load(key.id);
    case 'WebhookTarget':
      return loaders.target.load(key);
    case 'Event':
      return loaders.event.load(key);
    case 'Delivery':
      return loaders.delivery.load(key);
    case 'DeliveryAttempt':
      return loaders.attempt.load(parseAttemptId(key.id));
    case 'Erasure':
      return loaders.erasure.load(key);
    case 'Replay':
      return loaders.replay.load(key);
  }
}
