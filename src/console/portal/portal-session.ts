/**
 * The session of the portal: its token, and its renewal before it ends, so that nobody loses what is on the screen. A token is
 * taken when the service says that it is of a portal session for the same organization.
 */
import { type ServiceAccess } from '@hookcast/client';
import { takeFromFragment } from '../api/fragment.ts';
import { ask, type Access } from '../api/service.ts';
import { recall, store } from '../api/storage.ts';
import { graphql } from '../generated/gql.ts';
import { askForToken, isFramed, onToken } from './host.ts';

const SESSION = graphql(`
  query PortalSession {
    viewer {
      organization {
        id
      }
      portalSession {
        id
        expiresAt
      }
    }
  }
`);

/** `ended`: the token is refused, and nobody gives another one. */
export type PortalState = 'checking' | 'open' | 'ended' | 'missing' | 'refused';

export type PortalView = {
  readonly state: PortalState;
  /** Grows with each token that was taken after the first: scopes may be others. */
  readonly renewals: number;
};

export type PortalKeeper = {
  readonly access: Access;
  readonly getSnapshot: () => PortalView;
  readonly subscribe: (listener: () => void) => () => void;
  /** Asks for a new token. Resolves with whether one was taken. */
  readonly renew: () => Promise<boolean>;
  readonly stop: () => void;
};

/** Not the name of the console's session, which the portal never reads. */
const NAME = 'hookcast.portal';
/** A new token is asked for so long before the end, or after four fifths of a session that is shorter than five times this. */
const AHEAD_MS = 60_000;
/** The site that embeds the portal has so long to answer. */
const ANSWER_MS = 15_000;

type Facts = { readonly organizationId: string; readonly endsAt: number };

export function keepPortalSession(): PortalKeeper {
  let token = takeFromFragment('token') ?? recall('sessionStorage', NAME);
  let facts: Facts | undefined;
  let view: PortalView = { state: 'checking', renewals: 0 };
  let renewing: { readonly answer: PromiseWithResolvers<boolean>; readonly timer: number } | undefined;
  let ahead: number | undefined;
  const listeners = new Set<() => void>();

  const show = (state: PortalState, renewals = view.renewals): void => {
    view = { state, renewals };
    for (const listener of listeners) listener();
  };

  const getKeyAtHand = (): string => token ?? '';
  /** A stream that the service has ended comes here for a token, and waits until there is a good one. Clocks may differ, so it asks. */
  const getApiKey = async (): Promise<string> => {
    await ask(access, SESSION, {}).catch(() => {}); // The stream itself meets what is wrong, and says it.
    return getKeyAtHand();
  };
  const access: Access = { url: '/graphql', getApiKey, getKeyAtHand, renew: () => renew() };

  async function check(candidate: string): Promise<Facts | null> {
    const as: ServiceAccess = { url: '/graphql', getApiKey: () => candidate };
    const { viewer } = await ask(as, SESSION, {});
    if (!viewer.portalSession) return null; // An API key: it may do what no page of a customer should.
    return { organizationId: viewer.organization.id, endsAt: Date.parse(viewer.portalSession.expiresAt) };
  }

  async function take(candidate: string): Promise<void> {
    const isFirst = facts === undefined;
    const found = await check(candidate).catch(() => null);
    const isTaken = found !== null && (isFirst || found.organizationId === facts!.organizationId);
    if (!isTaken) return isFirst ? fail() : undefined;
    [token, facts] = [candidate, found];
    store('sessionStorage', NAME, token);
    clearTimeout(ahead);
    const leftMs = found.endsAt - Date.now();
    ahead = window.setTimeout(() => void renew(), Math.max(leftMs - AHEAD_MS, leftMs * 0.8));
    settle(true);
    show('open', isFirst ? 0 : view.renewals + 1);
  }

  function fail(): void {
    store('sessionStorage', NAME, null);
    if (isFramed() && !renewing) void renew();
    else show('refused');
  }

  function settle(isRenewed: boolean): void {
    clearTimeout(renewing?.timer);
    renewing?.answer.resolve(isRenewed);
    renewing = undefined;
  }

  function renew(): Promise<boolean> {
    if (!isFramed()) {
      if (facts && Date.now() >= facts.endsAt) show('ended');
      return Promise.resolve(false);
    }
    if (!renewing) {
      const timer = window.setTimeout(() => {
        settle(false);
        if (!facts) show(token === null ? 'missing' : 'refused');
        else if (Date.now() >= facts.endsAt) show('ended');
      }, ANSWER_MS);
      renewing = { answer: Promise.withResolvers(), timer };
      askForToken();
    }
    return renewing.answer.promise;
  }

  const stopListening = onToken((given) => void take(given));
  const onHash = (): void => {
    const given = takeFromFragment('token');
    if (given !== null) void take(given);
  };
  window.addEventListener('hashchange', onHash);
  if (token !== null) void take(token);
  else if (isFramed()) void renew();
  else show('missing');

  return {
    access,
    getSnapshot: () => view,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    renew,
    stop() {
      stopListening();
      window.removeEventListener('hashchange', onHash);
      clearTimeout(ahead);
      clearTimeout(renewing?.timer);
    },
  };
}
