import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';

const WATCH = `subscription Watch($after: String) {
  deliveryStatusChanged(after: $after) { cursor status delivery { id } }
}`;
const FINAL = [4403, 'UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT']; // Trying again cannot help.

type Change = { cursor: string; status: string; delivery: { id: string } };
type Options = { url: string; apiKey: string; cursor: string | null; reload: () => Promise<string> };

/**
 * Every change after `cursor`, once and in order; store its cursor when you have handled it. `reload` loads your list and
 * returns the deliveryStreamCursor it read first: it is called without a cursor, and when one is too old to resume.
 */
export async function* watch({ url, apiKey, cursor, reload }: Options): AsyncGenerator<Change> {
  for (let failures = 0; ; failures++) {
    let dead: NodeJS.Timeout | undefined;
    const client = createClient({
      url,
      connectionParams: { apiKey },
      retryAttempts: 0,
      keepAlive: 10_000,
      on: {
        ping: (isTheirs) => void (isTheirs || (dead = setTimeout(() => client.terminate(), 5_000))),
        pong: (isTheirs) => isTheirs && clearTimeout(dead),
      },
    });
    try {
      cursor ??= await reload();
      const results = client.iterate<{ deliveryStatusChanged: Change }>({ query: WATCH, variables: { after: cursor } });
      for await (const { data, errors } of results) {
        if (!data || errors) throw errors;
        yield data.deliveryStatusChanged;
        [cursor, failures] = [data.deliveryStatusChanged.cursor, 0];
      }
    } catch (error) {
      const code = Array.isArray(error) ? error[0].extensions.code : (error as CloseEvent).code;
      if (FINAL.includes(code)) throw error;
      if (code === 'CURSOR_EXPIRED') cursor = null;
    } finally {
      clearTimeout(dead);
      await client.dispose();
    }
    await delay(Math.min(100 * 2 ** failures, 10_000) * (0.5 + Math.random()));
  }
}
