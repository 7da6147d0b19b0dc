/** What Relay's compiler writes of this subscription; the compiler itself is a program of 60 MB. */
import type { ConcreteRequest } from 'relay-runtime';

const TEXT = `subscription ChangesSubscription($after: String) {
  deliveryStatusChanged(after: $after) { cursor delivery { id status } }
}`;

const field = (name: string) => ({ alias: null, args: null, kind: 'ScalarField' as const, name, storageKey: null });

const argumentDefinitions = [{ defaultValue: null, kind: 'LocalArgument' as const, name: 'after' }];

const selections = [
  {
    alias: null,
    args: [{ kind: 'Variable' as const, name: 'after', variableName: 'after' }],
    concreteType: 'DeliveryStatusChange',
    kind: 'LinkedField' as const,
    name: 'deliveryStatusChanged',
    plural: false,
    selections: [
      field('cursor'),
      {
        alias: null,
        args: null,
        concreteType: 'Delivery',
        kind: 'LinkedField' as const,
        name: 'delivery',
        plural: false,
        selections: [field('id'), field('status')],
        storageKey: null,
      },
    ],
    storageKey: null,
  },
];

export const relayChanges = {
  kind: 'Request',
  fragment: {
    argumentDefinitions,
    kind: 'Fragment',
    metadata: null,
    name: 'ChangesSubscription',
    selections,
    type: 'Subscription',
    abstractKey: null,
  },
  operation: { argumentDefinitions, kind: 'Operation', name: 'ChangesSubscription', selections },
  params: {
    cacheID: 'changes',
    id: null,
    metadata: {},
    name: 'ChangesSubscription',
    operationKind: 'subscription',
    text: TEXT,
  },
} as unknown as ConcreteRequest;
