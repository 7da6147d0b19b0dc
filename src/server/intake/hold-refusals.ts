/**
 * An address that is refused again and again gets each further refusal a second late. A client that waits for its answers then
 * asks once a second on each connection. A client that made a mistake loses nothing, because its first refusals came at once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.ts';
import type { AddressOf } from './client-address.ts';
import { createStrangers } from './strangers.ts';

export type HoldRefusals = {
  /** Calls `refuse` now or later; not at all when the client has left meanwhile. */
  (request: IncomingMessage, response: ServerResponse, refuse: () => void): void;
};

/** Refusals that one address gets at once in a minute. */
export const REFUSALS_AT_ONCE = 60;
/** Requests that are held at a time, each with its connection. Beyond it, refusals are sent at once again. */
const MOST_HELD = 1_000;

type Options = {
  readonly clock: Clock;
  readonly addressOf: AddressOf;
  readonly timing: { readonly refusalMs: number };
};

export function createHoldRefusals({ clock, addressOf, timing }: Options): HoldRefusals {
  const refusals = createStrangers({ operationsPerMinute: REFUSALS_AT_ONCE }, clock);
  let held = 0;
  return (request, response, refuse) => {
    if (refusals.count(addressOf(request)).allowed || held >= MOST_HELD) return refuse();
    held++;
    const timer = setTimeout(refuse, timing.refusalMs);
    const release = () => {
      held--;
      clearTimeout(timer);
    };
    response.once('close', release);
  };
}
