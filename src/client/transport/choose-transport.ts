/** Which transport the next attempt takes. */
import type { TransportConnect } from './stream-request.ts';
import { overSse } from './sse.ts';
import { WatchError } from '../request/watch-error.ts';
import { overWebSocket } from './websocket.ts';

/**
 * `auto` takes WebSocket, and server-sent events where no WebSocket comes about: on networks whose proxies do not know them, and
 * where the runtime has none.
 */
export type WatchTransport = 'auto' | 'websocket' | 'sse';

export type Chooser = {
  next(): TransportConnect;
  opened(connect: TransportConnect): void;
  failed(error: unknown): void;
};

export function createChooser(transport: WatchTransport): Chooser {
  let proven: TransportConnect | undefined;
  if (transport === 'sse' || (transport === 'auto' && typeof WebSocket === 'undefined')) proven = overSse;
  let misses = 0;
  return {
    next() {
      if (transport === 'websocket') return overWebSocket;
      if (proven === overSse) return overSse;
      // A service that is away for a moment is no reason to leave a transport that has worked.
      const every = proven ? 6 : 2;
      return misses % every === every - 1 ? overSse : overWebSocket;
    },
    opened(connect) {
      misses = 0;
      if (proven !== overWebSocket) proven = connect;
    },
    failed(error) {
      if (error instanceof WatchError && error.code === 'NO_CONTACT') misses++;
    },
  };
}
