/**
 * The endpoints of the soak, in a process of their own, each with a port of its own as customers have a host of their own: what one
 * of them does to its connections is nothing to the others. The path decides: /ok answers 204 at once, /slow after 300 ms, /fail
 * answers 500, /reset drops the connection. Asked for a report, it says how many requests came to each kind.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type SoakCounts = Readonly<Record<'ok' | 'slow' | 'fail' | 'reset', number>>;
/** First the origins, as many as the argument says. */
export type FromSoakReceivers = { readonly origins: readonly string[] } | SoakCounts;

const SLOW_MS = 300;
const counts = { ok: 0, slow: 0, fail: 0, reset: 0 };

async function startServer(): Promise<string> {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const kind = request.url!.split('/')[1] as keyof SoakCounts;
    request.resume().on('end', () => {
      counts[kind]++;
      if (kind === 'reset') return void request.socket.destroy();
      const answer = () => response.writeHead(kind === 'fail' ? 500 : 204).end();
      if (kind === 'slow') setTimeout(answer, SLOW_MS);
      else answer();
    });
  });
  await once(server.listen(0, '127.0.0.1', 4_096), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

process.on('message', () => process.send!(counts satisfies FromSoakReceivers));
process.on('disconnect', () => process.exit());
const [, , count = '1'] = process.argv;
const origins = await Promise.all(Array.from({ length: Number(count) }, startServer));
process.send!({ origins } satisfies FromSoakReceivers);
