/** One subscription over server-sent events, with fetch: EventSource can send neither a body nor an API key. */
import { ADMISSION_MS, type StreamRequest, type StreamResult } from './stream-request.ts';
import { headersFor, readRefusal } from '../request/execute.ts';
import { WatchError } from '../request/watch-error.ts';

/** A refusal comes as JSON, so that it is not taken for a stream that has begun. */
const ACCEPT = 'text/event-stream, application/json;q=0.9';

/** The service sends a comment every 12 seconds when nothing happens. */
const SILENCE_MS = 30_000;

export async function* overSse(options: StreamRequest): AsyncGenerator<StreamResult, never, undefined> {
  const { url, apiKey, organizationId, payload, signal, onOpen } = options;
  const end = new AbortController();
  const listen = async <T>(answer: Promise<T>, ms: number): Promise<T> => {
    const message = `No sign of life for ${ms / 1_000} s`;
    const timer = setTimeout(() => end.abort(new WatchError('NO_CONTACT', message)), ms);
    return answer.finally(() => clearTimeout(timer));
  };
  try {
    const request = fetch(url, {
      method: 'POST',
      headers: headersFor(ACCEPT, apiKey, organizationId),
      body: JSON.stringify(payload),
      signal: AbortSignal.any([signal, end.signal]),
    });
    const response = await listen(request, ADMISSION_MS).catch((cause) => {
      throw cause instanceof TypeError ? new WatchError('NO_CONTACT', cause.message, { cause }) : cause;
    });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) throw await readRefusal(response);
    onOpen();
    const [reader, decoder] = [response.body!.getReader(), new TextDecoder()];
    for (let text = ''; ;) {
      const { done, value } = await listen(reader.read(), SILENCE_MS).catch((cause) => {
        throw cause instanceof TypeError ? new WatchError('CLOSED', cause.message, { cause }) : cause;
      });
      if (done) throw new WatchError('CLOSED', 'The response ended');
      const events = (text + decoder.decode(value, { stream: true })).split(/\r\n\r\n|\n\n|\r\r/);
      text = events.pop()!;
      for (const event of events) {
        const result = readEvent(event);
        if (result) yield result;
      }
    }
  } finally {
    end.abort(); // Lets the connection go.
  }
}

/** The result in one event; undefined for a comment. Throws at the end of the stream. */
function readEvent(event: string): StreamResult | undefined {
  let [name, data] = ['', ''];
  for (const line of event.split(/\r\n|\n|\r/)) {
    const [, field, value] = /^(\w+): ?(.*)/.exec(line) ?? [];
    if (field === 'event') name = value!;
    if (field === 'data') data += value;
  }
  if (name === 'complete') throw new WatchError('CLOSED', 'The service completed the stream');
  return data ? (JSON.parse(data) as StreamResult) : undefined;
}
