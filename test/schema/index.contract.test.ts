import { readFile } from 'node:fs/promises';
import {
  buildSchema as parseSchema,
  type GraphQLArgument,
  findBreakingChanges,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../src/schema/index.ts';

const schema = buildSchema();
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

test('nothing that a client of the contract uses is missing or different', async () => {
  const contract = parseSchema(await readFile(new URL('../support/contract.graphql', import.meta.url), 'utf8'));
  expect(findBreakingChanges(contract, schema)).toEqual([]);
});

test('everything in the schema is described', () => {
  const described = types.flatMap((type) => [
    [type.name, type.description],
    ...(isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.values(type.getFields()).flatMap((field) => [
          [`${type.name}.${field.name}`, field.description],
          ...('args' in field
            ? field.args.map((arg: GraphQLArgument) => [`${type.name}.${field.name}(${arg.name})`, arg.description])
            : []),
        ])
      : []),
    ...(isEnumType(type) ? type.getValues().map((value) => [`${type.name}.${value.name}`, value.description]) : []),
  ]);
  expect(described.length).toBeGreaterThan(300);
  const wanting = described.filter(([, description]) => !description || !/^[`A-Z0-9].{8,}[.:)]$/s.test(description));
  expect(wanting).toEqual([]);
});

test('every root field says who may read it', () => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((type) => Object.values(type!.getFields()));
  expect(fields).toHaveLength(57);
  for (const { name, description } of fields) {
    expect({ name, description }).toMatchObject({ description: expect.stringMatching(/(Needs .+|Public: .+)\.$/) });
  }
});
