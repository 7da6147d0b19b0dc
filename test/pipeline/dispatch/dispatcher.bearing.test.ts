/** Lanes before real servers that bear only so much: over sockets, with the sender and the clock of the service. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { judge } from '../../../src/pipeline/deliver/judge.ts';
import type { Claim } from '../../../src/pipeline/deliver/claim.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';
import { feedbackOf } from '../../../src/pipeline/dispatch/lanes/feedback.ts';
import { createLag } from '../../../src/fairness/lag.ts';
import { allowanceOf, begin, createLane, end, limitLane } from '../../../src/pipeline/dispatch/lanes/lane.ts';
import { STAMP } from '../../support/pipeline.ts';

const CLAIM = { progress: { scheduleStep: 0, maxAttempts: 1, trigger: 'SCHEDULE', resumeAt: null } } as Claim;
const POLICY = { scheduleMs: [1_000] };

async function serve(handle: (response: http.ServerResponse) => void) {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => handle(response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** `workers` requests are worked on for `ms`; the others wait. */
function createWorkers(workers: number, ms: number) {
  const waiting: http.ServerResponse[] = [];
  let busy = 0;
  const work = (response: http.ServerResponse): void => {
    busy++;
    setTimeout(() => {
      busy--;
      response.writeHead(204).end();
      const next = waiting.shift();
      if (next) work(next);
    }, ms);
  };
  return (response: http.ServerResponse) => void (busy < workers ? work(response) : waiting.push(response));
}

/**
 * Sends as much as the lane allows, until `count` requests have been answered; what the last `counted` of them took. `fixed`:
 * a width that learns nothing, for comparison: what the machine can do differs from minute to minute.
 */
async function send(url: string, count: number, counted: number, fixed?: number) {
  const clock = systemClock;
  const policy = { allowLoopback: true, allowHttp: true, allowedNetworks: [] };
  const sender = createSender({ policy, timeoutMs: 20_000, connectionsPerOrigin: 2_048, clock });
  const lag = createLag(clock);
  lag.start();
  const lane = createLane('t');
  limitLane(lane, 256, { maxConcurrency: null, rateLimitPerSecond: null });
  const ended: { readonly latencyMs: number; readonly atMs: number; readonly isRefused: boolean }[] = [];
  /** Not the last width: answers that came late because the machine was busy may have narrowed it. */
  let widest = 0;
  await new Promise<void>((done) => {
    const fill = () => {
      while (lane.active < (fixed ?? allowanceOf(lane, false, clock.monotonicMs()))) void attempt();
    };
    const attempt = async () => {
      const beginning = begin(lane, clock.monotonicMs());
      const result = await sender.send({ url, headers: {}, body: '{}', organizationId: 'o' });
      const verdict = judge({ claim: CLAIM, stamp: STAMP }, result, { policy: POLICY, now: clock.now(), random: 0 });
      end(lane, beginning, feedbackOf(verdict, lag.ms), clock.monotonicMs());
      widest = Math.max(widest, lane.width.value);
      const isRefused = verdict.outcome !== 'DELIVERED';
      ended.push({ latencyMs: result.latencyMs ?? NaN, atMs: clock.monotonicMs(), isRefused });
      if (ended.length < count) fill();
      else if (lane.active === 0) done();
    };
    fill();
  });
  lag.stop();
  await sender.close();
  const last = ended.slice(count - counted, count);
  const latencies = last.map(({ latencyMs }) => latencyMs).sort((one, other) => one - other);
  return {
    medianMs: latencies[Math.floor(counted / 2)]!,
    perSecond: (counted / (last.at(-1)!.atMs - last[0]!.atMs)) * 1_000,
    refused: ended.filter(({ isRefused }) => isRefused).length / ended.length,
    widest,
  };
}

test('a receiver with 20 workers of 50 ms is kept at its knee', async () => {
  await using receiver = await serve(createWorkers(20, 50));
  // The best of some rounds: in one of them others may have had the processors for a while.
  const shares: number[] = [];
  while (shares.length < 4 && !(Math.max(...shares) > 0.75)) {
    const flooded = await send(receiver.url, 700, 500, 100);
    const { medianMs, perSecond } = await send(receiver.url, 1_200, 800);
    shares.push(medianMs < flooded.medianMs / 2 ? perSecond / flooded.perSecond : 0);
  }
  expect(Math.max(...shares)).toBeGreaterThan(0.75);
});

test('a receiver that refuses above 50 open requests sees at most 5 % refused', async () => {
  let open = 0;
  await using receiver = await serve((response) => {
    if (open >= 50) return void response.writeHead(503).end();
    open++;
    setTimeout(() => {
      open--;
      response.writeHead(204).end();
    }, 50);
  });
  const shares: number[] = []; // The best of some rounds, as above.
  while (shares.length < 4 && !(Math.max(...shares) > 0.4)) {
    const full = await send(receiver.url, 1_000, 700, 50);
    const { refused, perSecond } = await send(receiver.url, 2_000, 1_700);
    expect(refused).toBeLessThanOrEqual(0.05);
    shares.push(perSecond / full.perSecond);
  }
  expect(Math.max(...shares)).toBeGreaterThan(0.4);
});

test('a receiver that answers after 200 ms, however many requests are open, gets many at once', async () => {
  await using receiver = await serve((response) => void setTimeout(() => response.writeHead(204).end(), 200));
  expect((await send(receiver.url, 5_000, 1_000)).widest).toBeGreaterThan(64);
});
