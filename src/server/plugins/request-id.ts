import type { Clock } from '../../clock.ts';
import { redact } from '../../domain/redact.ts';
import { type ServerPlugin, startRecord } from '../request-record.ts';

/** The request ids that a client may choose. Any other is replaced, because the id appears in headers and logs. */
const USABLE_ID = /^[A-Za-z0-9._:/+=@-]{1,128}$/;

/** The client's request id when it is usable, else a new one. */
export function requestIdOf(header: string | string[] | undefined, clock: Clock): string {
  return typeof header === 'string' && USABLE_ID.test(header) && redact(header) === header ? header : clock.uuid();
}

/** Begins the request's record; `X-Request-Id` comes back on every answer and stands in every log line. */
export function useRequestId({ clock }: { readonly clock: Clock }): ServerPlugin {
  return {
    onRequest({ serverContext }) {
      const requestId = requestIdOf(serverContext.req.headers['x-request-id'], clock);
      serverContext.record = startRecord(clock, requestId, 'http');
      serverContext.res.setHeader('X-Request-Id', requestId);
    },
  };
}
