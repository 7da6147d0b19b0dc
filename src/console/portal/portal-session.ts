/**
 * The session of the portal: its token, and its renewal before it ends, so that nobody loses what is on the screen. A token is
 * taken when the service says that it is of a portal session for the same organization.
 */
import { WatchError, type ServiceAccess } from '@hookcast/client';
import { isKey, takeFromFragment } from '../api/fragment.ts';
import { accessWith, ask, type Access } from '../api/service.ts';
import { recall, store } from '../api/storage.ts';
import { graphql } from '../generated/gql.ts';
import { isFramed, onToken } from './host.ts';
import { createPortalView, type PortalView } from './portal-view.ts';
import { createRenewal } from './renewal.ts';

const SESSION = graphql(`
  query PortalSession {
    viewer {
      organization {
        id
      }
      portalSession {
        createdAt
        expiresAt
      }
    }
  }
`);

export type PortalKeeper = {
  readonly access: Access;
  readonly getSnapshot: () => PortalView;
  readonly subscribe: (listener: () => void) => () => void;
  /** Asks again: the service, or the site for a new token. */
  readonly retry: () => void;
};

/** Not the name of the console's session, which the portal never reads. */
const NAME = 'hookcast.portal';
/** A new token is asked for so long before the end, or after four fifths of a session that is shorter than five times this. */
const AHEAD_MS = 60_000;

/** The clock of the page may be wrong: a session is never taken for longer than it was made, nor renewed more often than this. */
const LEAST_MS = 30_000;

type Facts = { readonly organizationId: string; readonly endsAt: number; readonly lengthMs: number };

/** Lives as long as the page. */
export function keepPortalSession(): PortalKeeper {
  const view = createPortalView();
  const renewal = createRenewal(giveUp);
  let token = findToken();
  let facts: Facts | undefined;
  let isRefused = false;
  let ahead: number | undefined;
  let renewed = Promise.withResolvers<true>();

  const access = accessWith({
    getKeyAtHand: () => token ?? '',
    // Waits as long as it takes: the site may answer late. Somebody who is told no would be left with a list that has stopped.
    renew() {
      isRefused = true;
      renew();
      return renewed.promise;
    },
  });

  async function take(candidate: string): Promise<void> {
    const found = await check(candidate);
    const isFirst = facts === undefined;
    if (found === 'unreachable') return isFirst ? view.show('unreachable') : undefined;
    if (found === 'refused' || (facts && found.organizationId !== facts.organizationId)) {
      return isFirst ? forget() : undefined;
    }
    [token, facts, isRefused] = [candidate, found, false];
    store('sessionStorage', NAME, token);
    clearTimeout(ahead);
    const leftMs = Math.min(found.endsAt - Date.now(), found.lengthMs);
    ahead = window.setTimeout(renew, Math.max(leftMs - AHEAD_MS, leftMs * 0.8, LEAST_MS));
    renewal.end();
    renewed.resolve(true);
    renewed = Promise.withResolvers();
    view.show('open', isFirst ? 0 : view.getSnapshot().renewals + 1);
  }

  /** The first token is not good: the site may have another one, unless this was it. */
  function forget(): void {
    [token, isRefused] = [null, true];
    store('sessionStorage', NAME, null);
    if (isFramed() && !renewal.isRunning()) renew();
    else view.show('refused');
  }

  function renew(): void {
    if (isFramed()) renewal.ask();
    else giveUp();
  }

  /** A token that could not be renewed ahead of its end is good until then. */
  function giveUp(): void {
    if (!facts) view.show(isRefused ? 'refused' : 'missing');
    else if (isRefused || Date.now() >= facts.endsAt) view.show('ended');
  }

  const begin = (): void => void (token === null ? renew() : take(token));
  onToken((given) => void take(given));
  window.addEventListener('hashchange', () => {
    const given = takeFromFragment('token');
    if (isKey(given)) void take(given);
  });
  begin();
  return {
    access,
    getSnapshot: view.getSnapshot,
    subscribe: view.subscribe,
    retry() {
      if (facts) return renew();
      view.show('checking');
      begin();
    },
  };
}

/** A fragment that was cut off counts as no access: the session that this tab remembers may be somebody else's. */
function findToken(): string | null {
  const given = takeFromFragment('token');
  if (given === null) return recall('sessionStorage', NAME);
  if (isKey(given)) return given;
  store('sessionStorage', NAME, null);
  return null;
}

/**
 * What the service says of a token. Refused: it knows none,
 * or it is an API key, which may do what no page of a customer should.
 */
async function check(candidate: string): Promise<Facts | 'refused' | 'unreachable'> {
  const as: ServiceAccess = { url: '/graphql', getApiKey: () => candidate };
  try {
    const { viewer } = await ask(as, SESSION, {});
    if (!viewer.portalSession) return 'refused';
    const { createdAt, expiresAt } = viewer.portalSession;
    const endsAt = Date.parse(expiresAt);
    return { organizationId: viewer.organization.id, endsAt, lengthMs: endsAt - Date.parse(createdAt) };
  } catch (error) {
    return error instanceof WatchError && error.code === 'UNAUTHENTICATED' ? 'refused' : 'unreachable';
  }
}
