/** One request to the local receiver: what a target would get, signed by the local keys. */
import { setTimeout as wait } from 'node:timers/promises';
import { Agent, request as sendRequest } from 'undici';
import type { Clock } from '../../clock.ts';
import { requestHeaders } from '../../domain/signing/request-headers.ts';
import {
  dakotaContent,
  decodeSecret,
  ed25519Signature,
  hmacSignature,
  standardContent,
} from '../../domain/signing/signature.ts';
import { explainNoAnswer, explainRefusal } from './explain-forward.ts';
import type { LocalKeys } from './local-keys.ts';
import { lookUpLoopback } from './receiver-url.ts';

/** Says that the request is not from the service: no target gets this header. */
export const FORWARDED_HEADER = 'X-Hookcast-Forwarded';

/** An event as the stream gives it. */
export type ForwardableEvent = {
  readonly id: string;
  readonly eventType: string;
  readonly body: string;
};

export type Outcome = {
  readonly event: ForwardableEvent;
  /** 1, and more when it was sent again. */
  readonly attempt: number;
  readonly at: Date;
  readonly durationMs: number;
  /** Null: there was no answer. */
  readonly status: number | null;
  /** Why it is no success, in words; null: it is one. */
  readonly failure: string | null;
};

export type Forwarder = {
  /** Undefined when `stop` interrupted it. It never rejects. */
  send(event: ForwardableEvent, attempt: number): Promise<Outcome | undefined>;
  /** Interrupts every request that is under way. */
  stop(): void;
};

type Options = {
  readonly receiver: URL;
  /** Sent too. None has the name of a header of the service, in whatever case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly brand: string;
  readonly keys: LocalKeys;
  readonly clock: Clock;
  readonly allowExternal: boolean;
  readonly timeoutMs: number;
};

const EXCERPT_BYTES = 1_024;
/** A process that was asleep finds the answer in its socket, and needs a moment to read it. */
const WAKING_MS = 1_000;

export function createForwarder({
  receiver,
  headers,
  brand,
  keys,
  clock,
  allowExternal,
  timeoutMs,
}: Options): Forwarder {
  // A connection for each request: a kept one is closed by a receiver that starts again, in the middle of the next request.
  const connect = allowExternal ? {} : { lookup: lookUpLoopback };
  const agent = new Agent({ pipelining: 0, headersTimeout: 0, bodyTimeout: 0, connect });
  const stopped = new AbortController();
  const secret = decodeSecret(keys.secret);

  function headersOf({ id: eventId, eventType, body }: ForwardableEvent, number: number, now: Date) {
    const timestamp = Math.floor(now.getTime() / 1_000);
    const content = standardContent(eventId, timestamp, body);
    const signatures = `v1a,${ed25519Signature(keys.signingKey, content)} v1,${hmacSignature(secret, content)}`;
    const signature = ed25519Signature(keys.signingKey, dakotaContent(timestamp, body));
    const ours = requestHeaders({ brand, eventId, eventType, number, timestamp, signature, signatures });
    return { ...headers, ...ours, [FORWARDED_HEADER]: 'listen' };
  }

  return {
    async send(event, attempt) {
      const [at, begunMs] = [clock.now(), clock.monotonicMs()];
      const durationMs = (): number => Math.round(clock.monotonicMs() - begunMs);
      const late = new AbortController();
      const timer = setTimeout(async () => {
        if (durationMs() > timeoutMs + WAKING_MS) await wait(WAKING_MS);
        late.abort();
      }, timeoutMs);
      try {
        const answer = await sendRequest(receiver, {
          method: 'POST',
          headers: headersOf(event, attempt, at),
          body: Buffer.from(event.body),
          dispatcher: agent,
          signal: AbortSignal.any([stopped.signal, late.signal]),
        });
        const excerpt = await readExcerpt(answer.body);
        const { statusCode: status } = answer;
        const failure = status >= 200 && status < 300 ? null : explainRefusal(status, excerpt);
        return { event, attempt, at, durationMs: durationMs(), status, failure };
      } catch (error) {
        if (stopped.signal.aborted) return undefined;
        const failure = late.signal.aborted
          ? `no answer within ${timeoutMs / 1_000} s`
          : explainNoAnswer(error as Error, receiver.host);
        return { event, attempt, at, durationMs: durationMs(), status: null, failure };
      } finally {
        clearTimeout(timer);
      }
    },
    stop() {
      stopped.abort();
      void agent.destroy();
    },
  };
}

/** The begin of a body as text. All of it is read: only then has the receiver answered. */
async function readExcerpt(body: AsyncIterable<Buffer>): Promise<string> {
  let excerpt = Buffer.alloc(0);
  for await (const chunk of body) {
    if (excerpt.length < EXCERPT_BYTES) excerpt = Buffer.concat([excerpt, chunk]).subarray(0, EXCERPT_BYTES);
  }
  return excerpt.toString();
}
