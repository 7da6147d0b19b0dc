/**
 * Every place of the schema where a client names an object, or sends a list, found by introspection among the arguments of root
 * fields and of nested fields, with an operation around each. A field that is new is among them, or the walk throws.
 */
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

export type Slot = {
  /** e.g. "query deliveries.nodes.target.deliveries(filter.eventId)". */
  readonly label: string;
  readonly operation: 'query' | 'mutation' | 'subscription';
  /** What is looked for there: an id of whatever type, the cursor of a list, or several entries. */
  readonly takes: 'id' | 'cursor' | 'list';
  readonly document: string;
  /** The variables with `value` in the slot; `isFull`: and with every other input that no second id is needed for. */
  variables(value: Value, isFull: boolean): Record<string, unknown>;
};

/** One name, or so many valid entries of a list. `ids` are the ids that an operation needs beside it, by the place of each. */
type Value = ({ readonly name: string } | { readonly count: number }) & {
  readonly ids: Readonly<Record<string, string>>;
};

/** Which places are looked for. */
type Look = (input: Input, isPaged: boolean) => Slot['takes'] | null;

type Field = GraphQLField<unknown, unknown>;
type Input = GraphQLArgument | GraphQLInputField;

const OPERATIONS = ['query', 'mutation', 'subscription'] as const;
const PAGING = new Set(['first', 'after', 'last', 'before']);

/** Texts that a mutation needs to get as far as its ids. Any other text is "x". */
const TEXTS: Readonly<Record<string, string>> = {
  url: 'https://example.com/hook',
  eventType: 'customer.created',
  eventTypes: 'customer.created',
  publicKey: 'ab'.repeat(32),
};

/** The range of statistics: they are asked for within the first hours of the tests' clock. */
const RANGE = { gte: '2026-01-15T00:00:00Z', lt: '2026-01-15T12:00:00Z' };

/** Everything a type shows without arguments, `depth` levels deep; no type twice on the way. */
export function selectAll(schema: GraphQLSchema, output: GraphQLOutputType, depth = 4, above: string[] = []): string {
  const type = getNamedType(output);
  if (!isCompositeType(type)) return '';
  if (isAbstractType(type)) {
    const fragments = schema.getPossibleTypes(type).map((possible) => {
      // Aliases, because fields of one name may be of different types.
      const fields = fieldsOf(possible, depth, above).map(
        ([name, inner]) => `${possible.name}_${name}: ${name} ${inner}`,
      );
      return `... on ${possible.name} { ${fields.join(' ')} }`;
    });
    return `{ __typename ${fragments.join(' ')} }`;
  }
  if (!isObjectType(type)) return '{ __typename }';
  return `{ __typename ${fieldsOf(type, depth, above).flat().join(' ')} }`;

  function fieldsOf(parent: GraphQLObjectType, left: number, path: string[]): [string, string][] {
    return Object.values(parent.getFields()).flatMap((field): [string, string][] => {
      const inner = getNamedType(field.type);
      if (field.args.some(isRequiredArgument)) return [];
      if (!isCompositeType(inner)) return [[field.name, '']];
      if (left === 0 || path.includes(inner.name)) return [];
      return [[field.name, selectAll(schema, inner, left - 1, [...path, parent.name])]];
    });
  }
}

export const NAMES: Look = ({ name, type }, isPaged) => {
  if (getNamedType(type).name === 'ID') return 'id';
  return isPaged && (name === 'after' || name === 'before') ? 'cursor' : null;
};

/** The list whose cursors name objects of a kind. */
export const CURSOR_LISTS = {
  delivery: 'deliveries',
  event: 'events',
  target: 'targets',
  apiKey: 'apiKeys',
  auditEntry: 'entries',
  replay: 'replays',
  erasure: 'erasures',
  portalSession: 'portalSessions',
  organization: 'organizations',
} as const;

/** The same id but for its last character: no id of anybody lies between the two. */
export const nextTo = (id: string): string => id.slice(0, -1) + (id.endsWith('0') ? '1' : '0');

export const LISTS: Look = ({ type }) => (isListType(getNullableType(type)) ? 'list' : null);

/**
 * All slots. Nested fields are reached through fields that need no arguments,
 * by the shortest way. `depth`: of what is selected.
 */
export function slotsOf(schema: GraphQLSchema, look: Look = NAMES, depth = 4): Slot[] {
  const slots: Slot[] = [];
  const visited = new Set<string>();
  for (const operation of OPERATIONS) {
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    };
    let ways: { type: GraphQLObjectType; way: string[] }[] = [{ type: root[operation]!, way: [] }];
    while (ways.length > 0) {
      ways = ways.flatMap(({ type, way }) => {
        if (visited.has(type.name)) return [];
        visited.add(type.name);
        return Object.values(type.getFields()).flatMap((field) => {
          slots.push(...slotsOfField(schema, operation, way, field, look, depth));
          const isOpen = !field.args.some(isRequiredArgument);
          return isOpen ? objectTypes(field).map((inner) => ({ type: inner, way: [...way, field.name] })) : [];
        });
      });
    }
  }
  const missed = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith('__') && !visited.has(type.name))
    .filter((type) => Object.values(type.getFields()).some(({ args }) => placesOf(args, look).length > 0));
  if (missed.length > 0) throw new Error(`No way leads to ${missed.join(', ')}`);
  return slots;
}

/** What is behind `node` has its fields elsewhere too. */
const objectTypes = ({ type }: Field): GraphQLObjectType[] => [getNamedType(type)].filter(isObjectType);

/** One operation for each query and mutation, with what it needs and no ids. */
export function plainOperations(
  schema: GraphQLSchema,
  depth = 4,
): { label: string; document: string; variables: object }[] {
  const roots = [schema.getQueryType()!, schema.getMutationType()!];
  return roots.flatMap((root) =>
    Object.values(root.getFields()).flatMap((field) => {
      if (placesOf(field.args, NAMES).some(({ takes, isNeeded }) => takes === 'id' && isNeeded)) return [];
      const operation = root === roots[0] ? 'query' : 'mutation';
      return [
        {
          label: field.name,
          document: documentOf(schema, operation, [], field, depth),
          variables: fill(field.args, [], { name: '', ids: {} }, false),
        },
      ];
    }),
  );
}

function documentOf(
  schema: GraphQLSchema,
  operation: Slot['operation'],
  way: readonly string[],
  field: Field,
  depth: number,
): string {
  const list = (part: (argument: GraphQLArgument) => string) =>
    field.args.length > 0 ? `(${field.args.map(part).join(', ')})` : '';
  const call = `${field.name}${list(({ name }) => `${name}: $${name}`)} ${selectAll(schema, field.type, depth)}`;
  const inner = way.reduceRight((text, name) => `${name} { ${text} }`, call);
  return `${operation} ${list(({ name, type }) => `$${name}: ${String(type)}`)} { ${inner} }`;
}

function slotsOfField(
  schema: GraphQLSchema,
  operation: Slot['operation'],
  way: string[],
  field: Field,
  look: Look,
  depth: number,
): Slot[] {
  const document = documentOf(schema, operation, way, field, depth);
  return placesOf(field.args, look).map(({ path, takes }) => ({
    operation,
    takes,
    document,
    label: `${operation} ${[...way, field.name].join('.')}(${path.join('.')})`,
    variables: (value, isFull) => fill(field.args, path, value, isFull),
  }));
}

type Place = { readonly path: readonly string[]; readonly takes: Slot['takes']; readonly isNeeded: boolean };

export function placesOf(
  inputs: readonly Input[],
  look: Look,
  above: readonly string[] = [],
  types: readonly string[] = [],
): Place[] {
  const isPaged = inputs.some(({ name }) => name === 'first');
  return inputs.flatMap((input): Place[] => {
    const type = getNamedType(input.type);
    const path = [...above, input.name];
    const takes = look(input, isPaged);
    const here: Place[] = takes ? [{ path, takes, isNeeded: takes !== 'cursor' && isNeeded(input) }] : [];
    if (!isInputObjectType(type) || types.includes(type.name)) return here;
    return [...here, ...placesOf(Object.values(type.getFields()), look, path, [...types, type.name])];
  });
}

export function fill(
  inputs: readonly Input[],
  path: readonly string[],
  value: Value,
  isFull: boolean,
): Record<string, unknown> {
  const [next, ...rest] = path;
  const chosen = inputs.filter((input) => input.name === next || isNeeded(input) || (isFull && isWanted(input)));
  return Object.fromEntries(
    chosen.map((input) => {
      const here = input.name === next;
      if (isNeeded(input) && !here && getNamedType(input.type).name === 'ID') {
        const known = value.ids[input.name];
        if (known !== undefined) return [input.name, known];
        throw new Error(`${input.name} is a second id that must be there: teach test/schema/walk.ts which`);
      }
      return [input.name, valueOf(input.type, input.name, here ? rest : null, value, isFull)];
    }),
  );
}

const isNeeded = (input: Input): boolean => isRequiredArgument(input as GraphQLArgument);

/** Input types of which one field is given beside those that must be: this one, where no other is looked for. */
const ALONE: Readonly<Record<string, string>> = { PayloadFilterInput: 'where', PayloadConditionInput: 'exists' };

/** Both of data and rawData would be refused for that. */
const isWanted = ({ name, type }: Input): boolean =>
  getNamedType(type).name !== 'ID' && !PAGING.has(name) && name !== 'rawData';

/** `path`: the rest of the way to the slot; null: it is elsewhere. */
function valueOf(
  given: GraphQLInputType,
  name: string,
  path: readonly string[] | null,
  value: Value,
  isFull: boolean,
): unknown {
  const type = getNullableType(given);
  if (isListType(type)) {
    const count = path?.length === 0 && 'count' in value ? value.count : undefined;
    const item = valueOf(type.ofType, name, count === undefined ? path : null, value, isFull);
    return count === undefined ? [item] : Array.from({ length: count }, () => item);
  }
  if (path?.length === 0 && 'name' in value) return value.name;
  if (name === 'range') return RANGE;
  if (isInputObjectType(type)) {
    const alone = ALONE[type.name];
    const fields = Object.values(type.getFields());
    const chosen = fields.find((field) => field.name === path?.[0] && !isNeeded(field))?.name ?? alone;
    const kept = fields.filter((field) => !alone || isNeeded(field) || field.name === chosen);
    return fill(kept, path ?? [], value, isFull || alone !== undefined);
  }
  if (isEnumType(type)) return type.getValues()[0]!.name;
  switch (getNamedType(type).name) {
    case 'Int':
    case 'Float':
      return 1;
    case 'Boolean':
      return false;
    case 'DateTime':
      return '2030-01-01T00:00:00Z';
    case 'JSON':
      return { a: 1 };
    case 'ID':
    case 'String':
      return TEXTS[name] ?? 'x';
    default:
      throw new Error(`No value for ${name}: ${String(type)} is known to test/schema/walk.ts`);
  }
}
