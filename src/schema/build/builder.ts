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
  // In this order, so that a caller who may not read a field learns nothing about its arguments.
  plugins: ['access', 'shortLists'],
  defaultFieldNullability: false,
});

builder.scalarType('DateTime', dateTimeScalar);
builder.scalarType('JSON', jsonScalar);
builder.queryType({
  description:
    'Reads. Everything in one answer is of one moment: an operation reads one snapshot, which shows all that was ' +
    'committed before it began. Lists are newest first. An id of another organization is answered like an unknown ' +
    'id.\n\nAn operation may cost 50000, a subscription 1000 for each event. Every field costs 1, or what its ' +
    'description says. A list of objects costs 1, plus what is selected in it, for each item of the page. Each ' +
    'event of publishEvents costs 1.',
});
builder.mutationType({
  description:
    'Writes. Expected failures (bad input, a missing object, a wrong state) are data: `userErrors` of the payload, ' +
    'whose other fields are then null. A payload without userErrors means that the change is committed; it shows ' +
    'the state after that commit.\n\nAny mutation may have an idempotency key of 1 to 255 printable ASCII ' +
    'characters: the header X-Idempotency-Key or Idempotency-Key, or over WebSocket `extensions.idempotencyKey` of ' +
    'the operation. For 24 hours the same request with the same idempotency key and API key does nothing again: it ' +
    'gets the first answer, with the header `Idempotency-Replayed: true`. Another request with that idempotency ' +
    'key is refused with IDEMPOTENCY_CONFLICT. When the first call is still under way after 8 seconds, the answer ' +
    'is IDEMPOTENCY_IN_PROGRESS: send the request again.',
});
builder.subscriptionType({
  description:
    'Live streams, over WebSocket (graphql-transport-ws) or server-sent events. Each result reads one snapshot, ' +
    'which is not older than its change.',
});
