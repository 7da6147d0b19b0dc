import { type Log, logFault } from '../../log-event.ts';
import type { ActIn } from '../../access/act-in.ts';
import type { Authenticator } from '../../access/authenticate.ts';
import type { Caller } from '../../access/caller.ts';
import { trimHeader } from '../../domain/text.ts';
import { ORGANIZATION_HEADER } from '../../domain/signing/signed-api-request.ts';
import { RequestError } from '../../errors.ts';
import type { Identify, Identity } from '../identity.ts';
import type { KeyWatch } from '../key-watch.ts';
import type { ServerPlugin } from '../request-record.ts';

/**
 * The API key in `X-API-Key` or `Authorization: Bearer`; null when neither is there. Another authorization scheme gives
 * the empty string, which is no valid key: credentials that cannot be used are refused, not ignored.
 */
export function readApiKey(find: (lowerCaseName: string) => unknown): string | null {
  const apiKey = find('x-api-key');
  if (typeof apiKey === 'string' && trimHeader(apiKey) !== '') return trimHeader(apiKey);
  const authorization = find('authorization');
  if (typeof authorization !== 'string' || trimHeader(authorization) === '') return null;
  return /^bearer +(\S+)$/i.exec(trimHeader(authorization))?.[1] ?? '';
}

type Options = {
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly actIn: ActIn;
  readonly keyWatch: KeyWatch;
  readonly logger: Log;
};

export function createIdentify(options: Options): Identify {
  const { authenticator, actIn, logger } = options;
  return async (apiKey, organization) => {
    let holder: Caller | null;
    let caller: Caller | null;
    try {
      holder = await authenticator.authenticate(apiKey);
      caller = holder && organization !== null ? await actIn(holder, organization) : holder;
    } catch (error) {
      if (error instanceof RequestError) throw error;
      logFault(logger, { name: 'authentication.failed', err: error });
      throw new RequestError('SERVICE_UNAVAILABLE', 'The API key cannot be checked at the moment. Try again later.');
    }
    if (!holder || !caller) return null;
    const watchKey: Identity['watchKey'] =
      caller === holder
        ? (onEnd, onRead) => options.keyWatch.watch(apiKey, holder, onEnd, onRead)
        : watchActing(options, apiKey, holder, caller.organizationId);
    return { caller, watchKey };
  };
}

/** Watches the key, and each time it was read again the organization that its holder acts in: it may have been deleted. */
const watchActing =
  ({ keyWatch, actIn }: Options, apiKey: string, holder: Caller, organizationId: string): Identity['watchKey'] =>
  (onEnd, onRead) => {
    const end = (error: unknown): void => {
      if (!(error instanceof RequestError)) return; // The database is away: nothing is known of the organization.
      stop();
      onEnd();
    };
    const follow = (fresh: Caller): void => void actIn(fresh, organizationId).then(onRead, end);
    const stop = keyWatch.watch(apiKey, holder, onEnd, follow);
    return stop;
  };

/**
 * The organization that a request acts in; null: that of its API key. `find` may find any JSON that a client has sent. What is no
 * text stays as its JSON: no organization has that name, and one that was named wrongly must not count as none.
 */
export function readOrganization(find: (lowerCaseName: string) => unknown): string | null {
  const given = find(ORGANIZATION_HEADER.toLowerCase()) ?? '';
  const organization = trimHeader(typeof given === 'string' ? given : JSON.stringify(given));
  return organization === '' ? null : organization;
}

/** The error for an API key that is not valid. One object for all, because making an error is expensive in a flood. */
export const REFUSED_KEY = new RequestError(
  'UNAUTHENTICATED',
  'The API key is unknown, revoked or expired. Send a valid one as X-API-Key or Authorization: Bearer.',
);

/**
 * Takes over what the gate found (gate.ts). An API key that is not valid refuses the whole request before its body is read. A
 * request without an API key goes on: the schema answers UNAUTHENTICATED for each field that needs one.
 */
export function useAuthentication(): ServerPlugin {
  return {
    onRequestParse({ serverContext: { res, record, admission } }) {
      res.setHeader('Cache-Control', 'no-store'); // Caches do not know that answers differ by X-API-Key.
      if (admission.refused) throw admission.refused;
      if (admission.identity) Object.assign(record, admission.identity);
      record.turn = admission.turn;
    },
  };
}
