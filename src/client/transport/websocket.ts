/**
 * One subscription over a WebSocket of its own, in the protocol graphql-transport-ws. It is written out here because a client of
 * one subscription needs a tenth of a general one, and because only watch.ts may decide when to connect again.
 */
import { ADMISSION_MS, type StreamRequest, type StreamResult } from './stream-request.ts';
import { createMailbox } from './mailbox.ts';
import { faultsToError, type GraphqlFault, WatchError } from '../request/watch-error.ts';

const PING_MS = 10_000;
/** A reader that leaves so many results waiting is cut off, and resumes when it has worked through them. */
const MAX_WAITING = 10_000;

type Message = { readonly type: string; readonly payload?: unknown };

export async function* overWebSocket(options: StreamRequest): AsyncGenerator<StreamResult, never, undefined> {
  const { url, apiKey, organizationId, payload, signal, onOpen } = options;
  const results = createMailbox<StreamResult>();
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  const send = (message: object): void => socket.send(JSON.stringify(message));
  const close = (reason: unknown): void => {
    results.close(reason);
    socket.close();
  };

  const take = ({ type, payload: content }: Message): void => {
    if (type === 'connection_ack') {
      send({ id: '1', type: 'subscribe', payload });
      onOpen();
    } else if (type === 'next') {
      const count = results.put(content as StreamResult);
      if (count >= MAX_WAITING) close(new WatchError('CLOSED', `${count} results wait to be taken`));
    } else if (type === 'error') {
      close(faultsToError(content as GraphqlFault[]));
    } else if (type === 'complete') {
      close(new WatchError('CLOSED', 'The service completed the stream'));
    } else if (type === 'ping') {
      send({ type: 'pong' });
    }
  };

  const stopWaiting = expectLife(socket, send, close);
  const onAbort = () => {
    results.close(signal.reason);
    hangUp(socket);
  };
  signal.addEventListener('abort', onAbort);
  const begin = () => send({ type: 'connection_init', payload: { apiKey, organizationId } });
  socket.addEventListener('open', begin);
  socket.addEventListener('message', ({ data }) => take(JSON.parse(String(data)) as Message));
  try {
    return yield* results.take();
  } finally {
    stopWaiting();
    signal.removeEventListener('abort', onAbort);
    socket.removeEventListener('open', begin);
    hangUp(socket);
  }
}

/**
 * Closes the socket, as soon as it is open. A browser writes an error into its console for a socket that is closed earlier, and
 * a page that is left at once would leave one each time.
 */
function hangUp(socket: WebSocket): void {
  if (socket.readyState !== WebSocket.CONNECTING) return socket.close();
  const waiting = setTimeout(() => socket.close(), ADMISSION_MS);
  for (const event of ['open', 'close']) {
    socket.addEventListener(event, () => {
      clearTimeout(waiting);
      socket.close();
    });
  }
}

/** Calls `onLost` when the socket closes, is not acknowledged in time, or goes silent. Returns how to stop its timers. */
function expectLife(
  socket: WebSocket,
  send: (message: object) => void,
  onLost: (reason: WatchError) => void,
): () => void {
  let [isOpen, isAlive] = [false, true];
  const lose = (message: string): void => onLost(new WatchError('NO_CONTACT', message));
  const admission = setTimeout(lose, ADMISSION_MS, 'The WebSocket was not acknowledged in time');
  const pings = setInterval(() => {
    if (!isOpen) return;
    if (!isAlive) return lose('The WebSocket has gone silent');
    isAlive = false;
    send({ type: 'ping' });
  }, PING_MS);
  socket.addEventListener('message', () => {
    isOpen = isAlive = true; // The first message is the acknowledgement.
    clearTimeout(admission);
  });
  socket.addEventListener('close', ({ code, reason }) => onLost(closeToError(code, reason, isOpen)));
  return () => {
    clearTimeout(admission);
    clearInterval(pings);
  };
}

function closeToError(closeCode: number, reason: string, wasOpen: boolean): WatchError {
  const message = `The WebSocket closed with ${closeCode} ${reason}`;
  const isContact = wasOpen || closeCode !== 1006; // 1006: no close frame came.
  const code = closeCode === 4403 ? 'UNAUTHENTICATED' : isContact ? 'CLOSED' : 'NO_CONTACT';
  return new WatchError(code, message, { closeCode });
}
