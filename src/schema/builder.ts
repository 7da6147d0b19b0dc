/** The Pothos builder that every file of this folder adds its types to. */
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import type PrismaTypes from '../../prisma/generated/pothos.ts';
import { getDatamodel } from '../../prisma/generated/pothos.ts';
import './access.ts';
import type { Context } from './context.ts';
import { dateTimeScalar, jsonScalar } from './scalars.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  DefaultFieldNullability: false;
  Scalars: {
    DateTime: { Input: Date; Output: Date };
    JSON: { Input: unknown; Output: unknown };
    ID: { Input: string; Output: string };
  };
}>({
  // The first plugin is the outermost: access is judged before Prisma loads anything.
  plugins: ['access', PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: (context) => context.services.prisma,
    dmmf: getDatamodel(),
  },
});

builder.scalarType('DateTime', dateTimeScalar);
builder.scalarType('JSON', jsonScalar);
builder.queryType({
  description:
    'Reads. Lists are newest first; ids of other organizations are answered like unknown ids. What an operation may ' +
    'cost is limited to 50000 (a subscription: 1000 for each event): every field costs 1, or what its description ' +
    'says, and a list of objects costs what is selected in it, and 1, for each item of the page.',
});
builder.mutationType({
  description:
    'Writes. Expected failures (bad input, a missing object, a wrong state) are data: `userErrors` of the payload, ' +
    'whose other fields are then null. A payload without userErrors means that the change is committed.',
});
builder.subscriptionType({ description: 'Live streams, over WebSocket (graphql-transport-ws) or server-sent events.' });
