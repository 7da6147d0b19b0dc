/**
 * Reads and drops what a client still sends after its answer, so that a client that sends everything before it reads gets to
 * read. Bytes and time are limited, because reading costs the process too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerPlugin } from '../request-record.ts';
import { freeChunk } from './free-chunk.ts';
import type { IntakeTiming } from './read-body.ts';

/** Bytes read after the answer. A caller may have sent the largest body before it looks at the answer. */
const MOST_BYTES = { stranger: 256 * 1024, caller: 16 * 1024 * 1024 };

type Options = { readonly timing: IntakeTiming; readonly isCaller: () => boolean };

/** Call it before the answer is sent. After the answer, `isCaller` says whether the request had a valid API key. */
export function discardRest(req: IncomingMessage, res: ServerResponse, { timing, isCaller }: Options): void {
  res.once('finish', () => {
    if (req.complete) return;
    const end = () => req.socket.destroy();
    let left = isCaller() ? MOST_BYTES.caller : MOST_BYTES.stranger;
    req.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      freeChunk(chunk);
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
