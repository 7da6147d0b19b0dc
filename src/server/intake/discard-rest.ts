/**
 * What a client still sends when it has its answer. It is read and dropped, so that a client that sends first and reads then
 * gets to read; but only so much and so long, because reading costs the process, too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerPlugin } from '../request-record.ts';
import type { IntakeTiming } from './read-body.ts';

/** A client with a key may have sent a body of the largest size before it looks at the answer. */
const MOST_BYTES = { stranger: 256 * 1024, caller: 16 * 1024 * 1024 };

type Options = { readonly timing: IntakeTiming; readonly isCaller: () => boolean };

/** To be called before the answer is sent. `isCaller` is asked then: whether the request came with a valid key. */
export function discardRest(req: IncomingMessage, res: ServerResponse, { timing, isCaller }: Options): void {
  res.once('finish', () => {
    if (req.complete) return;
    const end = () => req.socket.destroy();
    let left = isCaller() ? MOST_BYTES.caller : MOST_BYTES.stranger;
    req.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) end();
    });
    const deadline = setTimeout(end, timing.restMs);
    req.once('close', () => clearTimeout(deadline));
  });
}

export function useDiscardRest({ timing }: { readonly timing: IntakeTiming }): ServerPlugin {
  return {
    onRequest({ serverContext }) {
      const { req, res } = serverContext;
      discardRest(req, res, { timing, isCaller: () => serverContext.record.caller !== null });
    },
  };
}
