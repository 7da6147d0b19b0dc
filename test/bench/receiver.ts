/**
 * Endpoints for benchmarks, in a process of their own. The path decides the behaviour: /ok answers 204 at once, /hang never
 * answers, /fail answers 500, /reset drops the connection. Talks to its parent over IPC.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** parent -> receiver. `expect`: report when this many /ok requests have arrived since the last `reset`. */
export type ToReceiver =
  { readonly type: 'reset' } | { readonly type: 'expect'; readonly count: number } | { readonly type: 'report' };

/** receiver -> parent. Times are milliseconds since the epoch, with fractions. */
export type FromReceiver =
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'reached'; readonly count: number; readonly firstAt: number; readonly lastAt: number }
  | { readonly type: 'report'; readonly count: number; readonly latenciesMs: number[] };

const nowMs = () => performance.timeOrigin + performance.now();
const tell = (message: FromReceiver) => process.send!(message);

let count = 0;
let expected = Infinity;
let firstAt = 0;
let latenciesMs: number[] = [];

const server = http.createServer((request, response) => {
  const path = request.url ?? '';
  if (path.startsWith('/hang')) return;
  if (path.startsWith('/reset')) return void request.socket.destroy();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(path.startsWith('/fail') ? 500 : 204).end();
    if (path.startsWith('/ok')) arrived(chunks);
  });
});
server.keepAliveTimeout = 60_000;

function arrived(chunks: readonly Buffer[]): void {
  if (count++ === 0) firstAt = nowMs();
  // Events that want to be timed carry the moment of their publish as data.sentAt.
  const sentAt = /"sentAt":([\d.]+)/.exec(Buffer.concat(chunks).toString('latin1', 0, 300))?.[1];
  if (sentAt) latenciesMs.push(nowMs() - Number(sentAt));
  if (count === expected) tell({ type: 'reached', count, firstAt, lastAt: nowMs() });
}

process.on('message', (message: ToReceiver) => {
  if (message.type === 'reset') [count, expected, latenciesMs] = [0, Infinity, []];
  if (message.type === 'report') tell({ type: 'report', count, latenciesMs });
  if (message.type !== 'expect') return;
  expected = message.count;
  if (count >= expected) tell({ type: 'reached', count, firstAt, lastAt: nowMs() });
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => tell({ type: 'listening', port: (server.address() as AddressInfo).port }));
