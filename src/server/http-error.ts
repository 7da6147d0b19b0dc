import { GraphQLError } from 'graphql';

/** A request that breaks the rules of HTTP or of GraphQL over HTTP, with the status these rules give it. */
export function httpError(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status, headers } } });
}
