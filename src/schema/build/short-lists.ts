/**
 * No list that a client sends is longer than MAX_LIST: rows are compared with each of its entries. A list among the arguments
 * of a query or a subscription is refused here, whatever the field is, so a new filter needs no check of its own. Mutations
 * check theirs themselves: they answer with a user error.
 */
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLArgument, GraphQLFieldResolver, GraphQLInputType } from 'graphql';
import { getNullableType, isInputObjectType, isListType } from 'graphql';
import { MAX_LIST } from '../../domain/list.ts';
import { RequestError } from '../../errors.ts';

/** The end of the description of every list in a filter. */
export const AT_MOST = `At most ${MAX_LIST} entries; more is an error (BAD_USER_INPUT).`;

/** The end of the description of every filter by event types. */
export const TYPES_OR_PATTERNS =
  'Names, and patterns that end in `.*`: `wallet.*` stands for every type below it, for wallet.created and ' +
  `wallet.policy.updated. A name or a pattern of no type matches nothing. ${AT_MOST}`;

/** The end of the description of every filter by tags. */
export const ANY_OF_TAGS = `Tags are compared exactly, upper and lower case differ. ${AT_MOST}`;

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      shortLists: ShortListsPlugin<Types>;
    }
  }
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

class ShortListsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    const { parentType } = field;
    return parentType === 'Mutation' || parentType === 'Subscription' || !hasArguments(field)
      ? resolve
      : check(resolve);
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    return subscribe && hasArguments(field) ? check(subscribe) : subscribe;
  }
}

const hasArguments = ({ args }: { readonly args: object }): boolean => Object.keys(args).length > 0;

function check<Types extends SchemaTypes>(resolve: Resolver<Types>): Resolver<Types> {
  let lists: readonly GraphQLArgument[] | undefined;
  return (parent, args, context, info) => {
    lists ??= info.parentType.getFields()[info.fieldName]!.args.filter(({ type }) => holdsList(type));
    for (const { name, type } of lists) requireShort(type, (args as Record<string, unknown>)[name], name);
    return resolve(parent, args, context, info);
  };
}

/** Whether a value of the type can hold a list. `above` are the input types around it: an input type may hold itself. */
function holdsList(given: GraphQLInputType, above: readonly GraphQLInputType[] = []): boolean {
  const type = getNullableType(given);
  if (isListType(type)) return true;
  if (!isInputObjectType(type) || above.includes(type)) return false;
  return Object.values(type.getFields()).some((field) => holdsList(field.type, [...above, type]));
}

function requireShort(given: GraphQLInputType, value: unknown, path: string): void {
  const type = getNullableType(given);
  if (isListType(type) && Array.isArray(value)) {
    if (value.length > MAX_LIST) refuse(path, value.length);
    value.forEach((item, index) => requireShort(type.ofType, item, `${path}.${index}`));
  } else if (isInputObjectType(type) && typeof value === 'object' && value !== null) {
    for (const field of Object.values(type.getFields())) {
      requireShort(field.type, (value as Record<string, unknown>)[field.name], `${path}.${field.name}`);
    }
  }
}

function refuse(argument: string, count: number): never {
  const message = `\`${argument}\`: expected at most ${MAX_LIST} entries, got ${count}. Ask for fewer at once.`;
  throw new RequestError('BAD_USER_INPUT', message, { argument });
}

SchemaBuilder.registerPlugin('shortLists', ShortListsPlugin as never);
