/**
 * Executes a subscription for several changes at once. An execution for each would cost each of them what an operation costs:
 * an abort controller, the fields of every selection set collected anew, a snapshot and its loaders.
 *
 * So the operation is executed once, on a schema whose subscription fields are lists of what they are. Then the list is taken
 * apart: each change has the result, with the paths of its errors, that it would have had alone.
 */
import {
  defaultFieldResolver,
  type ExecutionResult,
  executeSubscriptionEvent,
  getNullableType,
  GraphQLError,
  type GraphQLFieldConfig,
  type GraphQLFieldResolver,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  isNonNullType,
  type ValidatedSubscriptionArgs,
} from 'graphql';

/** The root value of an execution. */
type Page = {
  readonly changes: readonly unknown[];
  /** Whether the field of the subscription may not be null. The field sets it. */
  isRequired: boolean;
};

/** Executes the operation for each of the changes. The results are in their order. */
export function executePage(
  args: ValidatedSubscriptionArgs,
  changes: readonly unknown[],
): ExecutionResult[] | Promise<ExecutionResult[]> {
  const page: Page = { changes, isRequired: true };
  const result = executeSubscriptionEvent({ ...args, schema: listSchemaOf(args.schema), rootValue: page });
  return result instanceof Promise ? result.then((whole) => takeApart(page, whole)) : takeApart(page, result);
}

const listSchemas = new WeakMap<GraphQLSchema, GraphQLSchema>();

/** The schema in which each field of a subscription gives a list: an item for each change. It is made once. */
function listSchemaOf(schema: GraphQLSchema): GraphQLSchema {
  let known = listSchemas.get(schema);
  if (!known) listSchemas.set(schema, (known = createListSchema(schema)));
  return known;
}

function createListSchema(schema: GraphQLSchema): GraphQLSchema {
  const single = schema.getSubscriptionType()!;
  const { fields, ...config } = single.toConfig();
  const lists = Object.entries(fields).map(([name, field]) => [name, listField(field)]);
  const subscription = new GraphQLObjectType({ ...config, fields: Object.fromEntries(lists) });
  const { types, ...rest } = schema.toConfig();
  return new GraphQLSchema({
    ...rest,
    types: types.map((type) => (type === single ? subscription : type)),
    subscription,
    assumeValid: true,
  });
}

/** An item that fails is null, so that it takes nothing from the others. */
function listField(field: GraphQLFieldConfig<any, any>): GraphQLFieldConfig<Page, unknown> {
  const resolve = field.resolve ?? defaultFieldResolver;
  return {
    ...field,
    type: new GraphQLList(getNullableType(field.type)),
    resolve(page, ...rest) {
      page.isRequired = isNonNullType(field.type);
      return page.changes.map((change) => attempt(resolve, change, ...rest));
    },
  };
}

type Resolve = GraphQLFieldResolver<any, any>;

/** What the resolver throws is returned: graphql-js takes an Error in a list for the failure of this one item. */
function attempt(resolve: Resolve, ...args: Parameters<Resolve>): unknown {
  try {
    return resolve(...args);
  } catch (error) {
    return error instanceof Error ? error : new Error(`Expected an Error, but a resolver threw ${String(error)}`);
  }
}

function takeApart({ changes, isRequired }: Page, { data, errors = [] }: ExecutionResult): ExecutionResult[] {
  const [key = '', items] = Object.entries(data ?? {})[0] ?? [];
  return changes.map((_, nth) => {
    const item = (items as unknown[] | null | undefined)?.[nth] ?? null;
    const shown = item === null && isRequired ? null : { [key]: item };
    if (errors.length === 0) return { data: shown };
    const own = errors.filter(({ path }) => path?.[1] === undefined || path[1] === nth);
    return own.length === 0 ? { data: shown } : { data: shown, errors: own.map(withoutIndex) };
  });
}

/** The error as the change would have had it alone: its path does not name the place in the list. */
function withoutIndex(error: GraphQLError): GraphQLError {
  const { message, nodes, source, positions, path, originalError, extensions } = error;
  const [root = '', , ...below] = path ?? [];
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ? [root, ...below] : null,
    originalError: originalError ?? error,
    extensions,
  });
}
