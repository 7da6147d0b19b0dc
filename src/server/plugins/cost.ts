/**
 * What an operation may cost: the most values that its answer can hold.
 *
 *   a field costs 1, or what its extension `cost` says, plus what is selected in it
 *   a list of objects costs that for each of its items
 *   a list in the arguments that an extension `listSize` names costs 1 for each of its entries
 *
 * How many items a list counts for:
 *
 *   the lists of a page (fields under one with `first` and `last`): the size of the page, 20 when it does not say
 *   a list of introspection: what INTROSPECTION says
 *   a list that has `first` itself: the size of the page
 *   a list with an extension `listSize`: that number, or the length of the list in the arguments that it names
 *   the lists under a field with an extension `pageSize`: what that makes of the field's arguments
 *   every other list: 20
 *
 * Fields that @skip and @include leave out count too, and so does every fragment of an interface.
 *
 * A document is read once, and its costs are kept as long as the document; only sizes that come from variables are worked out
 * for each operation. Page sizes are those that resolvers use. A size that they refuse counts as the largest.
 */
import { type ConstValueNode, type DocumentNode, type FieldNode, type FragmentDefinitionNode, Kind } from 'graphql';
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
} from 'graphql';
import {
  isCompositeType,
  isListType,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { getOperationAST, typeFromAST, valueFromASTUntyped } from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../schema/read/page.ts';

export type Variables = Readonly<Record<string, unknown>>;

type Size = number | ((variables: Variables) => number);

/** A field of the operation: `size` times its own cost and that of its parts. */
type Priced = { readonly name: string; readonly own: number; readonly size: Size; readonly parts: readonly Priced[] };

export type OperationCost = {
  total(variables: Variables): number;
  /** The smallest part that holds more than half of the cost: `events.nodes.deliveries.nodes`. */
  costliest(variables: Variables): { readonly field: string; readonly cost: number };
};

/** Items of the lists of introspection, per item of the list around them: about what this schema has. Others count as 1. */
const INTROSPECTION: Readonly<Record<string, number>> = { types: 80, fields: 4, args: 1 };

const known = new WeakMap<DocumentNode, Map<string, OperationCost>>();

/** The cost of one operation of a valid document; undefined when no operation has the name. */
export function costOf(schema: GraphQLSchema, document: DocumentNode, name?: string | null): OperationCost | undefined {
  let costs = known.get(document);
  if (!costs) known.set(document, (costs = new Map()));
  const cost = costs.get(name ?? '');
  if (cost) return cost;
  const operation = getOperationAST(document, name);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return undefined;
  const made = createCost(createPricing(schema, document, operation).price(operation.selectionSet, root, null));
  costs.set(name ?? '', made);
  return made;
}

function createCost(parts: readonly Priced[]): OperationCost {
  const whole: Priced = { name: '', own: 0, size: 1, parts };
  const fixed = isFixed(whole) ? evaluate(whole, {}) : undefined;
  const total = (variables: Variables) => fixed ?? evaluate(whole, variables);

  return {
    total,
    costliest(variables) {
      const half = total(variables) / 2;
      const path: string[] = [];
      let [part, cost] = [whole, total(variables)];
      for (;;) {
        const items = cost / evaluate({ ...part, size: 1 }, variables);
        const [most] = part.parts
          .map((inner) => ({ part: inner, cost: items * evaluate(inner, variables) }))
          .toSorted((one, other) => other.cost - one.cost);
        if (!most || (path.length > 0 && most.cost <= half)) return { field: path.join('.'), cost };
        ({ part, cost } = most);
        path.push(part.name);
      }
    },
  };
}

const isFixed = ({ size, parts }: Priced): boolean => typeof size === 'number' && parts.every(isFixed);

function evaluate({ own, size, parts }: Priced, variables: Variables): number {
  const each = parts.reduce((sum, part) => sum + evaluate(part, variables), own);
  return each * (typeof size === 'number' ? size : size(variables));
}

type Field = GraphQLField<unknown, unknown>;

function createPricing(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const defaults = new Map<string, ConstValueNode>();
  for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
    if (defaultValue) defaults.set(variable.name.value, defaultValue);
  }

  /** `page`: how many items the lists among these fields have; null where nothing says so. */
  function price(set: SelectionSetNode, type: GraphQLCompositeType, page: Size | null): Priced[] {
    return set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return priceField(selection, type, page);
      const inner = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value)! : selection;
      const condition = inner.typeCondition && typeFromAST(schema, inner.typeCondition);
      return price(inner.selectionSet, (condition as GraphQLCompositeType | undefined) ?? type, page);
    });
  }

  function priceField(node: FieldNode, parent: GraphQLCompositeType, page: Size | null): Priced {
    const field = schema.getField(parent, node.name.value)! as Field;
    const type = getNamedType(field.type);
    const isList = isListType(getNullableType(field.type)) && isCompositeType(type);
    const isMeta = parent.name.startsWith('__') || type.name === '__Schema';
    const { listSize } = field.extensions;
    const usual = typeof listSize === 'number' ? listSize : DEFAULT_PAGE_SIZE;
    const unpaged = isMeta ? (INTROSPECTION[field.name] ?? 1) : usual;
    const inner = pageOf(field, node);
    const isPage = isList && field.args.some(({ name }) => name === 'first');
    const parts =
      node.selectionSet && isCompositeType(type) ? price(node.selectionSet, type, isPage ? null : inner) : [];
    // Each entry of the list in the arguments is read, whatever the answer selects.
    if (typeof listSize === 'string' && inner !== null) parts.push({ name: listSize, own: 1, size: inner, parts: [] });
    const own = typeof field.extensions['cost'] === 'number' ? field.extensions['cost'] : 1;
    return {
      name: (node.alias ?? node.name).value,
      own,
      size: isPage ? inner! : isList ? (page ?? unpaged) : 1,
      parts,
    };
  }

  function pageOf(field: Field, node: FieldNode): Size | null {
    const given = (name: string): ValueNode | undefined =>
      node.arguments?.find((argument) => argument.name.value === name)?.value;
    const { listSize: path, pageSize: sizeOf } = field.extensions;
    if (typeof path === 'string') return lengthOf(path.split('.'), given);
    if (typeof sizeOf === 'function') {
      return (variables) => sizeOf((name: string) => argumentOf(given(name), variables));
    }
    if (!field.args.some(({ name }) => name === 'first')) return null;
    const sizes = [given('first'), given('last')].filter((value) => value !== undefined);
    const read = (variables: Variables) => pageSize(sizes.map((size) => valueOf(size, variables)));
    return sizes.some(({ kind }) => kind === Kind.VARIABLE) ? read : read({});
  }

  /** What the client sent, or the default of the variable. It is enough for a size, and coercion would cost time. */
  function valueOf(node: ValueNode, variables: Variables): unknown {
    if (node.kind !== Kind.VARIABLE) return valueFromASTUntyped(node);
    const { value: name } = node.name;
    if (variables[name] !== undefined) return variables[name];
    const fallback = defaults.get(name);
    return fallback && valueFromASTUntyped(fallback);
  }

  /** The same of a value that may hold variables. */
  const argumentOf = (node: ValueNode | undefined, variables: Variables): unknown =>
    node?.kind === Kind.VARIABLE ? valueOf(node, variables) : node && valueFromASTUntyped(node, variables);

  function lengthOf([argument = '', ...path]: string[], given: (name: string) => ValueNode | undefined): Size {
    const node = given(argument);
    if (!node) return 1;
    return (variables) => {
      const start = argumentOf(node, variables);
      const list = path.reduce((value: unknown, name) => (value as Variables | undefined)?.[name], start);
      return Array.isArray(list) ? list.length : 1;
    };
  }

  return { price };
}

function pageSize(sizes: readonly unknown[]): number {
  const size = sizes.find((value) => value != null) ?? DEFAULT_PAGE_SIZE;
  return Number.isInteger(size) && Number(size) >= 1 ? Math.min(Number(size), MAX_PAGE_SIZE) : MAX_PAGE_SIZE;
}
