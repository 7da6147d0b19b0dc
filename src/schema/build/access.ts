/**
 * Who may read a field. Every root field says what it needs, or the schema does not build; so does every nested field
 * that shows more than its parent. The check runs before the field's resolver, and the field's description names it.
 */
import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { FieldNullability, InputFieldMap, TypeParam } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import type { Caller } from '../../access/caller.ts';
import { reach, reaches } from '../../domain/reach.ts';
import { grants, type ApiScope } from '../../domain/api-keys/scope.ts';
import { RequestError } from '../../errors.ts';
import type { Context } from './context.ts';

/** What a field needs: one scope, any one of several, all of several, any API key, or nothing. */
export type Need = ApiScope | readonly ApiScope[] | AllScopes | 'ANY_KEY' | 'PUBLIC';
type AllScopes = { readonly all: readonly ApiScope[] };

declare global {
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>;
    }

    // Pothos merges this interface by its type parameters: their names and order are Pothos's.
    export interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** What a caller needs to read this field; required on root fields. */
      needs?: Need;
    }
  }
}

type Resolver<Types extends SchemaTypes> = GraphQLFieldResolver<unknown, Types['Context'], object>;

const ROOT_TYPES = new Set(['Query', 'Mutation', 'Subscription']);

class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(field: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    const { needs } = field.pothosOptions;
    if (needs === undefined) {
      if (ROOT_TYPES.has(field.parentType))
        throw new Error(`${field.parentType}.${field.name} does not say what it needs`);
      return field;
    }
    return { ...field, description: `${field.description ?? ''}\n\n${describe(needs)}`.trim() };
  }

  override wrapResolve(resolve: Resolver<Types>, field: PothosOutputFieldConfig<Types>): Resolver<Types> {
    // A subscription is checked when it starts; keys that end later end it from outside.
    return field.parentType === 'Subscription' ? resolve : guard(resolve, field);
  }

  override wrapSubscribe(
    subscribe: Resolver<Types> | undefined,
    field: PothosOutputFieldConfig<Types>,
  ): Resolver<Types> | undefined {
    return subscribe && guard(subscribe, field);
  }
}

function guard<Types extends SchemaTypes>(
  resolve: Resolver<Types>,
  field: PothosOutputFieldConfig<Types>,
): Resolver<Types> {
  const { needs } = field.pothosOptions;
  if (needs === undefined || needs === 'PUBLIC') return resolve;
  const name = ROOT_TYPES.has(field.parentType) ? field.name : `${field.parentType}.${field.name}`;
  return (parent, args, context, info) => {
    const { caller } = context as Context;
    requireAccess(caller, needs, name);
    return resolve(parent, args, context, info);
  };
}

/** Throws UNAUTHENTICATED or FORBIDDEN when the caller may not read the field called `name`. */
export function requireAccess(caller: Caller | null, needs: Need, name: string): asserts caller is Caller {
  if (!caller) {
    const how = 'Send one in the X-API-Key header, or as `apiKey` in the connection_init payload of a WebSocket.';
    throw new RequestError('UNAUTHENTICATED', `${name} needs a valid API key. ${how}`);
  }
  if (allows(caller, needs)) return;
  const message = `${name} needs the ${scopeNames(needs)}, which this API key does not have.`;
  throw new RequestError('FORBIDDEN', message, { requiredScopes: scopesOf(needs) });
}

/** Whether the caller has what is needed. */
export function allows(caller: Caller, needs: Need): boolean {
  const scopes = scopesOf(needs);
  const has = (scope: ApiScope) => grants(caller.scopes, scope);
  return isAll(needs) ? scopes.every(has) : scopes.length === 0 || scopes.some(has);
}

/** The caller of a field whose need was checked before. Throws when there is no caller: the field is then our mistake. */
export function callerOf({ caller }: Context): Caller {
  if (!caller) throw new Error('A field that needs a caller was reached without one');
  return caller;
}

/** The reach (domain/reach.ts) of the caller of a field whose need was checked before. */
export const reachOf = (context: Context): string | null => reach(callerOf(context));

/** Whether that caller may act on the rows of this organization. */
export const isReached = (context: Context, organizationId: string): boolean =>
  reaches(callerOf(context), organizationId);

const scopesOf = (needs: Need): readonly ApiScope[] => {
  if (needs === 'ANY_KEY' || needs === 'PUBLIC') return [];
  if (isAll(needs)) return needs.all;
  return typeof needs === 'string' ? [needs] : needs;
};

const isAll = (needs: Need): needs is AllScopes => typeof needs === 'object' && 'all' in needs;

const scopeNames = (needs: Need): string =>
  isAll(needs) ? `scopes ${needs.all.join(' and ')}` : `scope ${scopesOf(needs).join(' or ')}`;

function describe(needs: Need): string {
  if (needs === 'PUBLIC') return 'Public: needs no API key.';
  if (needs === 'ANY_KEY') return 'Needs an API key, whatever its scopes.';
  return `Needs the ${scopeNames(needs)}.`;
}

SchemaBuilder.registerPlugin('access', AccessPlugin as never);
