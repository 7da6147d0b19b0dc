/** What is said to a proxy before the tunnel is open, and what it answers. */
import type { Socket } from 'node:net';

/**
 * Why a proxy opened no tunnel. `fault`: of the proxy itself, or of what it was told about us. `refusal`: it answered that this
 * tunnel is not to be had. `silence`: it said nothing more after it had been asked. The message completes "The egress proxy …".
 */
export class ProxyTrouble extends Error {
  override readonly name = 'ProxyTrouble';
  readonly kind: 'fault' | 'refusal' | 'silence';

  constructor(kind: ProxyTrouble['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export type Dialogue = {
  say(bytes: string | Buffer): void;
  /** Says where the tunnel leads. A proxy that closes before has refused nothing: then it is at fault. */
  ask(bytes: string | Buffer): void;
  /**
   * Waits for a reply. `lengthOf` gives the length of the reply at the front of the bytes, undefined while it is not complete; it
   * throws where the bytes cannot become a reply. What comes after the reply stays in the socket.
   */
  hear(lengthOf: (bytes: Buffer) => number | undefined): Promise<Buffer>;
};

/** Of all replies together. Proxies send some hundred bytes. */
const MOST_BYTES = 16_384;

/**
 * Rejects with a ProxyTrouble when the proxy ends the connection or floods, and with the signal's reason when that aborts.
 * `onAsked`: the question has left.
 */
export function createDialogue(socket: Socket, signal: AbortSignal, onAsked: () => void): Dialogue {
  let heardBytes = 0;
  let hasAsked = false;

  function ask(bytes: string | Buffer): void {
    socket.write(bytes, (error) => {
      if (error) return;
      hasAsked = true;
      onAsked();
    });
  }

  const whyClosed = (): ProxyTrouble =>
    hasAsked
      ? new ProxyTrouble('refusal', 'closed the connection without an answer')
      : new ProxyTrouble('fault', 'closed the connection before it was asked for a target');

  function hear(lengthOf: (bytes: Buffer) => number | undefined): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let bytes: Buffer = Buffer.alloc(0);

      function end(settle: () => void): void {
        for (const [event, listener] of listeners) socket.off(event, listener);
        signal.removeEventListener('abort', abort);
        settle();
      }

      function take(): void {
        for (let piece = read(socket); piece !== null; piece = read(socket)) {
          bytes = Buffer.concat([bytes, piece]);
          const length = lengthOf(bytes);
          if (heardBytes + (length ?? bytes.length) > MOST_BYTES) {
            throw new ProxyTrouble('fault', 'answered with more than 16 KiB');
          }
          if (length !== undefined) return finish(length);
        }
      }

      function finish(length: number): void {
        heardBytes += length;
        end(() => resolve(bytes.subarray(0, length)));
        if (bytes.length > length) socket.unshift(bytes.subarray(length));
      }

      function attempt(): void {
        try {
          take();
        } catch (error) {
          end(() => reject(error as Error));
        }
      }

      const closed = () => end(() => reject(whyClosed()));
      const abort = () => end(() => reject(signal.reason as Error));
      const listeners = [
        ['readable', attempt],
        ['end', closed],
        ['close', closed],
        ['error', closed],
      ] as const;
      for (const [event, listener] of listeners) socket.on(event, listener);
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      else attempt();
    });
  }

  return { say: (bytes) => void socket.write(bytes), ask, hear };
}

const read = (socket: Socket): Buffer | null => socket.read() as Buffer | null;
