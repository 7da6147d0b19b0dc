/**
 * Fields of a change whose value is that of the moment when it is sent. A result is made ahead, and shared, so these are set
 * anew for each subscriber. A field is one of them by its extension `whenSent`.
 */
import {
  type ExecutionResult,
  type FieldNode,
  getNamedType,
  type GraphQLObjectType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  type ValidatedSubscriptionArgs,
} from 'graphql';

type WhenSent = (change: unknown, now: Date) => unknown;

/** Returns what sets these fields in a result about `change`; undefined when the operation selects none. */
export function createSentFields(
  args: ValidatedSubscriptionArgs,
): ((result: ExecutionResult, change: unknown, now: Date) => ExecutionResult) | undefined {
  const values = new Map<string, WhenSent>();
  const root = args.schema.getSubscriptionType()!;
  for (const { selectionSet, name } of fieldsOf(args, args.operation.selectionSet)) {
    const type = getNamedType(root.getFields()[name.value]?.type);
    if (selectionSet && isObjectType(type)) gather(args, type, selectionSet, values);
  }
  if (values.size === 0) return undefined;
  return (result, change, now) => {
    const [[key, shown] = []] = Object.entries(result.data ?? {});
    if (key === undefined || shown === null) return result;
    const sent = { ...(shown as Record<string, unknown>) };
    for (const [name, valueOf] of values) if (name in sent) sent[name] = valueOf(change, now);
    return { ...result, data: { [key]: sent } };
  };
}

function gather(
  args: ValidatedSubscriptionArgs,
  type: GraphQLObjectType,
  selectionSet: SelectionSetNode,
  values: Map<string, WhenSent>,
): void {
  for (const { name, alias } of fieldsOf(args, selectionSet)) {
    const whenSent = type.getFields()[name.value]?.extensions['whenSent'] as WhenSent | undefined;
    if (whenSent) values.set((alias ?? name).value, whenSent);
  }
}

/** The fields of a selection set, with those of its fragments. The operation is valid, so no fragment contains itself. */
function* fieldsOf(args: ValidatedSubscriptionArgs, { selections }: SelectionSetNode): Generator<FieldNode> {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) yield selection;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* fieldsOf(args, selection.selectionSet);
    else yield* fieldsOf(args, args.fragments[selection.name.value]!.definition.selectionSet);
  }
}
