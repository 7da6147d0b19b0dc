/** The Pothos builder that every file of this folder adds its types to. */
import SchemaBuilder from '@pothos/core';
import './access.ts';
import type { Context } from './context.ts';
import { dateTimeScalar, jsonScalar } from './scalars.ts';
import './short-lists.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    ID: { Input: string; Output: string };
  };
}>({
  // In this order: who may not read a field hears nothing of its arguments.
  plugins: ['access', 'shortLists'],
  defaultFieldNullability: false,
});

builder.scalarType('DateTime', dateTimeScalar);
builder.scalarType('JSON', jsonScalar);
builder.queryType({
  description:
    'Reads. Everything in one answer is of one moment: an operation reads one snapshot, which shows all that was ' +
    'committed before it began. Lists are newest first; ids of other organizations are answered like unknown ids. What ' +
    'an operation may cost is limited to 50000 (a subscription: 1000 for each event): every field costs 1, or what its description ' +
    'says, and a list of objects costs what is selected in it, and 1, for each item of the page; each event of publishEvents costs 1.',
});
builder.mutationType({
  description:
    'Writes. Expected failures (bad input, a missing object, a wrong state) are data: `userErrors` of the payload, ' +
    'whose other fields are then null. A payload without userErrors means that the change is committed; it shows the ' +
    'state after that commit.\n\n' +
    'Any mutation may have an idempotency key of 1 to 255 printable ASCII characters: the header X-Idempotency-Key or ' +
    'Idempotency-Key, or over WebSocket `extensions.idempotencyKey` of the operation. For 24 hours the same request ' +
    'with the same idempotency key and API key does nothing again and is answered as it was the first time, with the ' +
    'header `Idempotency-Replayed: true`. Another request with that key is refused with IDEMPOTENCY_CONFLICT; one ' +
    'whose first call is still under way after 8 seconds with IDEMPOTENCY_IN_PROGRESS: send it again.',
});
builder.subscriptionType({
  description:
    'Live streams, over WebSocket (graphql-transport-ws) or server-sent events. Each result is of one moment, which is ' +
    'not before its change.',
});
