/**
 * Endpoints of limited capacity. The path decides the behaviour: /pause answers after 200 ms, /pause-50 after 50, /workers has
 * 20 workers of 50 ms for all its requests, /refuse answers 503 above 50 open requests and after 50 ms below, /mortal answers
 * after 2 ms until it is told to hang, /ok at once. Argument: { ports, isSecure }.
 */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificates } from '../../support/certificates/certificates.ts';
import { sharedMs } from '../statistics.ts';

/** `expect`: say `reached` when this many requests were answered or refused since `reset`. */
export type ToLimited =
  | { readonly type: 'reset' }
  | { readonly type: 'hang' }
  | { readonly type: 'expect'; readonly count: number }
  | { readonly type: 'report' };

/** Times are those of `sharedMs`. */
export type FromLimited =
  | { readonly type: 'listening'; readonly ports: number[] }
  | { readonly type: 'reached'; readonly count: number; readonly firstAt: number; readonly lastAt: number }
  | {
      readonly type: 'report';
      readonly count: number;
      readonly refused: number;
      /** From the arrival of a request to its answer. */
      readonly tookMs: number[];
      /** Of events with `sentAt` in their data, at /ok: from there to the arrival of the request. */
      readonly latenciesMs: number[];
      /** When each was answered. */
      readonly answeredAt: number[];
    };

const PAUSE_MS = 200;
const WORK_MS = 50;
const WORKERS = 20;
const MOST_OPEN = 50;
const MORTAL_MS = 2;

const { ports: portCount, isSecure } = JSON.parse(process.argv[2]!) as { ports: number; isSecure: boolean };
const tell = (message: FromLimited) => process.send!(message);

let [count, refused, expected, firstAt] = [0, 0, Infinity, 0];
let [tookMs, latenciesMs, answeredAt]: [number[], number[], number[]] = [[], [], []];
let open = 0;
let busy = 0;
let isHanging = false;
const waiting: (() => void)[] = [];

function serve(request: http.IncomingMessage, response: http.ServerResponse): void {
  const arrivedAt = sharedMs();
  const path = request.url ?? '';
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const answer = (status = 204) => {
      response.writeHead(status).end();
      note(arrivedAt, status);
    };
    if (path.startsWith('/pause')) setTimeout(answer, Number(/^\/pause-(\d+)/.exec(path)?.[1] ?? PAUSE_MS));
    else if (path.startsWith('/workers')) work(answer);
    else if (path.startsWith('/refuse')) refuseOrAnswer(answer);
    else if (path.startsWith('/mortal')) {
      if (!isHanging) setTimeout(answer, MORTAL_MS);
    } else {
      const sentAt = /"sentAt":([\d.]+)/.exec(chunks[0]?.toString('latin1', 0, 200) ?? '')?.[1];
      if (sentAt) latenciesMs.push(arrivedAt - Number(sentAt));
      answer();
    }
  });
}

function work(answer: () => void): void {
  if (busy === WORKERS) return void waiting.push(() => work(answer));
  busy++;
  setTimeout(() => {
    busy--;
    answer();
    waiting.shift()?.();
  }, WORK_MS);
}

function refuseOrAnswer(answer: (status?: number) => void): void {
  if (open >= MOST_OPEN) return answer(503);
  open++;
  setTimeout(() => {
    open--;
    answer();
  }, WORK_MS);
}

function note(arrivedAt: number, status: number): void {
  const now = sharedMs();
  if (count++ === 0) firstAt = arrivedAt;
  if (status === 503) refused++;
  else {
    tookMs.push(now - arrivedAt);
    answeredAt.push(now);
  }
  if (count === expected) tell({ type: 'reached', count, firstAt, lastAt: now });
}

process.on('message', (message: ToLimited) => {
  if (message.type === 'reset') {
    [count, refused, expected] = [0, 0, Infinity];
    [tookMs, latenciesMs, answeredAt] = [[], [], []];
  } else if (message.type === 'hang') isHanging = true;
  else if (message.type === 'report') tell({ type: 'report', count, refused, tookMs, latenciesMs, answeredAt });
  else {
    expected = message.count;
    if (count >= expected) tell({ type: 'reached', count, firstAt, lastAt: sharedMs() });
  }
});
process.on('disconnect', () => process.exit());

async function listen(): Promise<number> {
  const options = { keepAliveTimeout: 60_000 };
  const server = isSecure
    ? https.createServer({ ...options, ...certificates.valid() }, serve)
    : http.createServer(options, serve);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', 4_096, done));
  return (server.address() as AddressInfo).port;
}
tell({ type: 'listening', ports: await Promise.all(Array.from({ length: portCount }, listen)) });
