import { setTimeout as delay } from 'node:timers/promises';

const WATCH = `subscription Watch($after: String) {
  deliveryStatusChanged(after: $after) { cursor status delivery { id } }
}`;
const FINAL = ['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT']; // Trying again cannot help.

type Change = { cursor: string; status: string; delivery: { id: string } };
type Result = { data?: { deliveryStatusChanged: Change } | null; errors?: { extensions: { code: string } }[] };
type Options = { url: string; apiKey: string; cursor: string | null; reload: () => Promise<string> };

/** The same over server-sent events, with nothing but fetch. */
export async function* watch({ url, apiKey, cursor, reload }: Options): AsyncGenerator<Change> {
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream', 'x-api-key': apiKey };
  for (let failures = 0; ; failures++) {
    try {
      cursor ??= await reload();
      const body = JSON.stringify({ query: WATCH, variables: { after: cursor } });
      for await (const { data, errors } of results(await fetch(url, { method: 'POST', headers, body }))) {
        if (!data || errors) throw errors;
        yield data.deliveryStatusChanged;
        [cursor, failures] = [data.deliveryStatusChanged.cursor, 0];
      }
    } catch (error) {
      const code = Array.isArray(error) ? error[0].extensions.code : undefined;
      if (FINAL.includes(code)) throw error;
      if (code === 'CURSOR_EXPIRED') cursor = null;
    }
    await delay(Math.min(100 * 2 ** failures, 10_000) * (0.5 + Math.random()));
  }
}

/** The `next` events of a stream. The rest are pings, and `complete`. */
async function* results(response: Response): AsyncGenerator<Result> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const events = (text + chunk).split('\n\n');
    text = events.pop()!;
    for (const event of events) {
      const data = /^event: next\ndata: (.*)/.exec(event)?.[1];
      if (data) yield JSON.parse(data);
    }
  }
}
