import { type Log, logFault } from '../../log-event.ts';
import type { Authenticator } from '../../access/authenticate.ts';
import type { Caller } from '../../access/caller.ts';
import { trimHeader } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';
import type { Identify } from '../identity.ts';
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
  readonly keyWatch: KeyWatch;
  readonly logger: Log;
};

export function createIdentify({ authenticator, keyWatch, logger }: Options): Identify {
  return async (apiKey) => {
    let caller: Caller | null;
    try {
      caller = await authenticator.authenticate(apiKey);
    } catch (error) {
      logFault(logger, { name: 'authentication.failed', err: error });
      throw new RequestError('SERVICE_UNAVAILABLE', 'The API key cannot be checked at the moment. Try again later.');
    }
    const holder = caller;
    return holder && { caller: holder, watchKey: (onEnd, onRead) => keyWatch.watch(apiKey, holder, onEnd, onRead) };
  };
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
    },
  };
}
