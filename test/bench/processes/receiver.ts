/**
 * Endpoints of customers. The path decides the behaviour: /ok answers 204 at once, /hang never answers, /fail answers 500,
 * /late answers after 20 ms, /reset drops the connection, /gate answers after 5 ms, and not before the gate is opened. Argument:
 * { ports, isSecure }.
 */
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificates } from '../../support/certificates/certificates.ts';
import { sharedMs } from '../statistics.ts';

/** `expect`: say `reached` when this many /ok and /gate requests were answered since `reset`. */
export type ToReceiver =
  | { readonly type: 'reset' }
  | { readonly type: 'expect'; readonly count: number }
  | { readonly type: 'report' }
  | { readonly type: 'openGate' };

/** Times are those of `sharedMs`. */
export type FromReceiver =
  | { readonly type: 'listening'; readonly ports: number[] }
  | { readonly type: 'reached'; readonly count: number; readonly firstAt: number; readonly lastAt: number }
  | { readonly type: 'gateOpened'; readonly at: number }
  | {
      readonly type: 'report';
      readonly count: number;
      /** Of events with `sentAt` in their data: from there to the arrival of the request. */
      readonly latenciesMs: number[];
      /** Event id and moment of the answer; only of requests to /ok/timed. */
      readonly answers: [string, number][];
      /** Of each request to /late after the first: from the answer to the one before it to its arrival. */
      readonly turnsMs: number[];
      /** Requests to /gate that were open at once. */
      readonly mostOpen: number;
      /** Requests answered in each 100 ms since the gate was opened. */
      readonly gateRate: number[];
      /** Accepted since `reset`; secure ones, when their handshake was done. */
      readonly connections: number;
    };

const GATE_MS = 5;
const LATE_MS = 20;
const { ports: portCount, isSecure } = JSON.parse(process.argv[2]!) as { ports: number; isSecure: boolean };
const tell = (message: FromReceiver) => process.send!(message);

let count = 0;
let connections = 0;
let expected = Infinity;
let firstAt = 0;
let latenciesMs: number[] = [];
let answers: [string, number][] = [];
let answeredAt: number | undefined;
let turnsMs: number[] = [];
let openedAt: number | undefined;
let open = 0;
let mostOpen = 0;
let gateRate: number[] = [];
let behindGate: (() => void)[] = [];

function serve(request: http.IncomingMessage, response: http.ServerResponse): void {
  const path = request.url ?? '';
  if (path.startsWith('/hang')) return void request.resume();
  if (path.startsWith('/reset')) return void request.socket.destroy();
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (path.startsWith('/ok')) {
      response.writeHead(204).end();
      arrived(chunks);
      if (path.startsWith('/ok/timed')) answers.push([String(request.headers['webhook-id']), sharedMs()]);
    } else if (path.startsWith('/late')) {
      if (answeredAt !== undefined) turnsMs.push(sharedMs() - answeredAt);
      arrived([]);
      setTimeout(() => {
        response.writeHead(204).end();
        answeredAt = sharedMs();
      }, LATE_MS);
    } else if (path.startsWith('/gate')) {
      mostOpen = Math.max(mostOpen, ++open);
      response.once('close', () => open--);
      const pass = () => setTimeout(passGate, GATE_MS, response);
      if (openedAt === undefined) behindGate.push(pass);
      else pass();
    } else response.writeHead(500).end();
  });
}

function passGate(response: http.ServerResponse): void {
  if (response.destroyed) return; // Its attempt has timed out.
  response.writeHead(204).end();
  const slot = Math.floor((sharedMs() - openedAt!) / 100);
  gateRate[slot] = (gateRate[slot] ?? 0) + 1;
  arrived([]);
}

function arrived(chunks: readonly Buffer[]): void {
  const now = sharedMs();
  if (count++ === 0) firstAt = now;
  const sentAt = chunks[0] && /"sentAt":([\d.]+)/.exec(chunks[0].toString('latin1', 0, 200))?.[1];
  if (sentAt) latenciesMs.push(now - Number(sentAt));
  if (count === expected) tell({ type: 'reached', count, firstAt, lastAt: now });
}

process.on('message', (message: ToReceiver) => {
  if (message.type === 'reset') {
    [count, expected, latenciesMs, answers, mostOpen, gateRate] = [0, Infinity, [], [], 0, []];
    [answeredAt, turnsMs] = [undefined, []];
    connections = 0;
  } else if (message.type === 'expect') {
    expected = message.count;
    if (count >= expected) tell({ type: 'reached', count, firstAt, lastAt: sharedMs() });
  } else if (message.type === 'openGate') {
    openedAt = sharedMs();
    for (const pass of behindGate) pass();
    behindGate = [];
    tell({ type: 'gateOpened', at: openedAt });
  } else {
    const rate = Array.from(gateRate, (requests) => requests ?? 0);
    tell({ type: 'report', count, latenciesMs, answers, turnsMs, mostOpen, gateRate: rate, connections });
  }
});
process.on('disconnect', () => process.exit());

async function listen(): Promise<number> {
  const options = { keepAliveTimeout: 60_000 };
  const server = isSecure
    ? https.createServer({ ...options, ...certificates.valid() }, serve)
    : http.createServer(options, serve);
  server.on(isSecure ? 'secureConnection' : 'connection', () => (connections += 1));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', 4_096, done));
  return (server.address() as AddressInfo).port;
}
tell({ type: 'listening', ports: await Promise.all(Array.from({ length: portCount }, listen)) });
