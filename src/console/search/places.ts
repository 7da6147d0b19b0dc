/** Where a search leads: what the service found for a text, as links of the console. */

export type FoundThings = {
  /** The object with this id. */
  readonly node?: { readonly __typename: string; readonly id: string } | null;
  readonly hasTaggedDeliveries?: boolean;
  readonly hasTaggedEvents?: boolean;
  readonly hasCustomerEvents?: boolean;
};

export type SearchPlace = { readonly name: string; readonly path: string };

const PAGES: Readonly<Record<string, readonly [name: string, path: string]>> = {
  Delivery: ['Delivery', '/deliveries/'],
  Event: ['Event', '/events/'],
  WebhookTarget: ['Target', '/targets/'],
  Replay: ['Replay', '/replays/'],
};

export const isId = (text: string): boolean => /^[0-9A-Za-z]{27}$/.test(text);

export function placesOf(text: string, found: FoundThings): readonly SearchPlace[] {
  const places: SearchPlace[] = [];
  const page = found.node && PAGES[found.node.__typename];
  if (page) places.push({ name: `${page[0]} ${text}`, path: page[1] + text });
  const query = encodeURIComponent(text);
  if (found.hasTaggedDeliveries) places.push({ name: `Deliveries tagged ${text}`, path: `/deliveries?tag=${query}` });
  if (found.hasTaggedEvents) places.push({ name: `Events tagged ${text}`, path: `/events?tag=${query}` });
  if (found.hasCustomerEvents) places.push({ name: `Events of customer ${text}`, path: `/events?customerId=${query}` });
  return places;
}
