/** Asks the service what a text is: the id of something, a tag, or a customer. */
import type { ServiceAccess } from '@hookcast/client';
import { ask } from '../api/service.ts';
import { graphql } from '../generated/gql.ts';
import { isId, type FoundThings } from './places.ts';

const FIND_ID = graphql(`
  query FindId($id: ID!) {
    node(id: $id) {
      __typename
      id
    }
  }
`);

const FIND_DELIVERIES = graphql(`
  query FindDeliveries($tag: String!) {
    deliveries(first: 1, filter: { tags: [$tag] }) {
      nodes {
        id
      }
    }
  }
`);

const FIND_EVENTS = graphql(`
  query FindEvents($text: String!) {
    tagged: events(first: 1, filter: { tags: [$text] }) {
      nodes {
        id
      }
    }
    ofCustomer: events(first: 1, filter: { customerId: $text }) {
      nodes {
        id
      }
    }
  }
`);

export type MayFind = { readonly deliveries: boolean; readonly events: boolean };

/** An id names one thing, so an id that is found ends the search. What the viewer may not read is not looked for. */
export async function findThings(
  access: ServiceAccess,
  text: string,
  may: MayFind,
  signal: AbortSignal,
): Promise<FoundThings> {
  if (isId(text)) {
    const { node } = await ask(access, FIND_ID, { id: text }, signal);
    if (node) return { node };
  }
  const [deliveries, events] = await Promise.all([
    may.deliveries ? ask(access, FIND_DELIVERIES, { tag: text }, signal) : null,
    may.events ? ask(access, FIND_EVENTS, { text }, signal) : null,
  ]);
  return {
    hasTaggedDeliveries: (deliveries?.deliveries.nodes.length ?? 0) > 0,
    hasTaggedEvents: (events?.tagged.nodes.length ?? 0) > 0,
    hasCustomerEvents: (events?.ofCustomer.nodes.length ?? 0) > 0,
  };
}
