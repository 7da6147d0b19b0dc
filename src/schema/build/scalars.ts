/** The two scalars of the API: DateTime and JSON. */
import { GraphQLError, Kind, print, type ASTNode, type ValueNode } from 'graphql';
import { exactNumber } from '../../domain/json/json-text.ts';
import { quote } from '../../domain/text.ts';

type Variables = Readonly<Record<string, unknown>> | null | undefined;

type Scalar<Value> = {
  readonly description: string;
  readonly specifiedByURL: string;
  readonly serialize: (value: unknown) => unknown;
  readonly parseValue: (value: unknown) => Value;
  readonly parseLiteral: (node: ValueNode, variables?: Variables) => Value;
};

/** 1: date, 2: time of day, 3: fraction, 4: offset. */
const RFC3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const EXPECTED =
  'an RFC 3339 date-time with an offset, such as "2026-01-15T10:30:00.000Z" or "2026-01-15T11:30:00+01:00"';

export const dateTimeScalar: Scalar<Date> = {
  description:
    'A moment, as an RFC 3339 date-time. Answers are always UTC with milliseconds: `2026-01-15T10:30:00.000Z`. ' +
    'Inputs need an offset (`Z` or `+01:00`); digits beyond milliseconds are cut off. A text of another shape, or ' +
    'a day that the calendar does not have, is an error.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: (value) => {
    const parsed = typeof value === 'string' ? parseDateTime(value) : undefined;
    const got = typeof value === 'string' ? quote(value) : `a value of type ${typeof value}`;
    return parsed ?? refuse(`Expected ${EXPECTED}, got ${got}.`);
  },
  parseLiteral: (node) => {
    const parsed = node.kind === Kind.STRING ? parseDateTime(node.value) : undefined;
    return parsed ?? refuse(`Expected ${EXPECTED}, got ${shorten(print(node))}.`, node);
  },
};

function parseDateTime(text: string): Date | undefined {
  const [, day, time, fraction = '', offset] = RFC3339.exec(text) ?? [];
  if (day === undefined || time === undefined || offset === undefined) return undefined;
  // JavaScript rolls 30 February over to March, and takes 24:00:00: such a text does not come back as it was.
  const local = new Date(`${day}T${time}Z`);
  if (Number.isNaN(local.getTime()) || local.toISOString() !== `${day}T${time}.000Z`) return undefined;
  const moment = new Date(`${day}T${time}${fraction.slice(0, 4)}${offset.toUpperCase()}`);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

export const jsonScalar: Scalar<unknown> = {
  description:
    'Any JSON value (RFC 8259): object, list, string, number, boolean or null. Numbers are double-precision, as a ' +
    'JSON parser reads them; where every digit and the order of object keys must be kept, use a field that takes ' +
    'JSON as text, such as `rawData`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: literalToJson,
};

/** A JSON null for a field that is never null: graphql-js would take null itself for a missing value. */
export const JSON_NULL = { toJSON: () => null };

function literalToJson(node: ValueNode, variables?: Variables): unknown {
  switch (node.kind) {
    case Kind.NULL:
      return null;
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      // NaN is not JSON: the field that takes the value refuses it by its name.
      return exactNumber(node.value) ?? Number.NaN;
    case Kind.LIST:
      return node.values.map((value) => literalToJson(value, variables));
    case Kind.OBJECT: // fromEntries defines "__proto__" as a key like any other.
      return Object.fromEntries(node.fields.map(({ name, value }) => [name.value, literalToJson(value, variables)]));
    case Kind.VARIABLE: // Unset, or not yet known: the document is only being validated.
      return variables?.[node.name.value] ?? null;
    case Kind.ENUM:
      return refuse(`Expected a JSON value, got ${shorten(node.value)}; write a string in quotes.`, node);
  }
}

const shorten = (text: string): string => (text.length > 128 ? `${text.slice(0, 128)}…` : text);

function refuse(message: string, node?: ASTNode): never {
  throw new GraphQLError(message, { nodes: node, extensions: { code: 'BAD_USER_INPUT' } });
}
