/**
 * The endpoints of the soak, in a process of their own. The path decides: /ok answers 204 at once, /slow after 300 ms, /fail
 * answers 500, /reset drops the connection. Asked for a report, it says how many requests came to each.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export type SoakCounts = Readonly<Record<'ok' | 'slow' | 'fail' | 'reset', number>>;
export type FromSoakReceivers = { readonly port: number } | SoakCounts;

const SLOW_MS = 300;
const counts = { ok: 0, slow: 0, fail: 0, reset: 0 };

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

process.on('message', () => process.send!(counts satisfies FromSoakReceivers));
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', 4_096, () => {
  process.send!({ port: (server.address() as AddressInfo).port } satisfies FromSoakReceivers);
});
