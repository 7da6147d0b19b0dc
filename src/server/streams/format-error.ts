import { type GraphQLError, type GraphQLFormattedError } from 'graphql';

/** The error as clients see it, without `extensions.http`, which Yoga's plugins use among themselves. */
export function formatError(error: GraphQLError): GraphQLFormattedError {
  const { extensions = {}, ...formatted } = error.toJSON();
  const { http: _, ...visible } = extensions;
  return { ...formatted, extensions: visible };
}
