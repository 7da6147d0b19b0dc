/** The names of all event types, and the patterns above them, for fields that take one. */
import { graphql } from '../generated/gql.ts';
import { namesAndPatterns } from './names-and-patterns.ts';
import { useQuery } from './use-query.ts';

const EVENT_TYPE_NAMES = graphql(`
  query EventTypeNames {
    eventTypes(filter: { includeArchived: true }) {
      name
    }
  }
`);

const NOTHING = {};

export function useEventTypeNames(): readonly string[] {
  const { data } = useQuery(EVENT_TYPE_NAMES, NOTHING);
  return namesAndPatterns(data?.eventTypes.map(({ name }) => name) ?? []);
}
