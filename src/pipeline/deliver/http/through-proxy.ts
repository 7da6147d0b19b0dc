/** Reaches receivers through the egress proxy, and says whose fault it is when that fails. */
import type { LookupAddress } from 'node:dns';
import type { Clock } from '../../../clock.ts';
import { connectFirst, type AddressFailure, type Reached } from './connect-first.ts';
import type { Endpoint } from './endpoint.ts';
import { createBlame } from './proxy/blame.ts';
import { ProxyTrouble } from './proxy/dialogue.ts';
import { SendFailure } from './send-failure.ts';
import type { Tunnels } from './tunnels.ts';

/**
 * Opens a connection to one of the addresses, which were judged. Rejects with a SendFailure, and leaves no socket behind then. A
 * signal that aborts with a SendFailure says that the time of the attempt is over.
 */
export type Reach = (endpoint: Endpoint, addresses: readonly LookupAddress[], signal: AbortSignal) => Promise<Reached>;

export function createThroughProxy(tunnels: Tunnels, clock: Clock): Reach {
  const blame = createBlame(clock);
  return async (endpoint, addresses, signal) => {
    const { hostname, port } = endpoint;
    const destination = `${hostname} ${port}`;
    const askedMs = clock.monotonicMs();
    let hasAsked = false;
    const dial = ({ address }: LookupAddress, each: AbortSignal) =>
      tunnels.open({ host: address, port }, each, () => (hasAsked = true));
    const end = await connectFirst(addresses, dial, signal).catch((error: unknown) => {
      if (!hasAsked || !(error instanceof SendFailure)) throw error;
      const isAlone = blame.unanswered(destination, askedMs);
      throw refusedFailure(endpoint, [new ProxyTrouble('silence', LATE)], { isSilent: true, isAlone });
    });
    if ('socket' in end) {
      blame.passed(destination);
      return end;
    }
    const troubles = end.map(troubleOf);
    const fault = troubles.find(({ kind }) => kind === 'fault');
    if (fault) throw proxyFailure(fault);
    const isSilent = troubles.some(({ kind }) => kind === 'silence');
    const isAlone = isSilent ? blame.unanswered(destination, askedMs) : blame.refused(destination);
    throw refusedFailure(endpoint, troubles, { isSilent, isAlone });
  };
}

/** What the proxy did when the attempt ends before the tunnel's own time is over. */
const LATE = 'did not answer in the time that was left';

function troubleOf({ error }: AddressFailure): ProxyTrouble {
  if (error instanceof ProxyTrouble) return error;
  throw error;
}

/** The message is for customers, so it names neither the proxy nor how it is reached. */
export const proxyFailure = ({ message }: ProxyTrouble): SendFailure =>
  new SendFailure('PROXY_ERROR', `The egress proxy of the service ${message}. The target was not asked.`);

type Refused = { readonly isSilent: boolean; readonly isAlone: boolean };

function refusedFailure(
  { host }: Endpoint,
  troubles: readonly ProxyTrouble[],
  { isSilent, isAlone }: Refused,
): SendFailure {
  const said = [...new Set(troubles.map(({ message }) => message))].join('; ');
  const what = `The egress proxy of the service opened no connection to ${host}: it ${said}`;
  if (!isAlone) return new SendFailure('PROXY_ERROR', `${what}. It may do so for every target.`);
  return new SendFailure(isSilent ? 'TIMEOUT' : 'CONNECTION_ERROR', `${what}. Other targets are reached through it.`);
}
