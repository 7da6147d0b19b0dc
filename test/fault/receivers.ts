/**
 * Hundreds of hostile receivers at once, against a sender in a process of its own: each attempt ends by its deadline in the
 * right class, memory stays bounded, and a healthy receiver is served all the while.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { forkProcess } from '../support/processes/start.ts';
import { percentile } from './stage/check.ts';
import type { Receivers } from './processes/receivers.ts';
import type { SenderReport, ToSender } from './processes/sender.ts';
import type { Print } from './stream.ts';

const MIB = 1024 * 1024;
const RECEIVERS = 200;
const TIMEOUT_MS = 3_000;
/** The machine may be busy; a hostile receiver would take for ever. */
const LATE_MS = 2_000;
/** 256 KiB for each, and what the collector has not got round to; a sender without limits takes gigabytes. */
const MAX_GROWTH_BYTES = 256 * MIB;

export async function testReceivers(print: Print): Promise<void> {
  using receivers = start('receivers', [String(RECEIVERS)]);
  const listed = await receivers.hear<Receivers>();
  using sender = start('sender');
  sender.tell({ ...listed, timeoutMs: TIMEOUT_MS } satisfies ToSender);
  const { hostile, healthyMs, healthyFailures, residentBytes } = await sender.hear<SenderReport>();

  const expected = new Map(listed.hostile.map((each) => [each.what, each.expected.split('|')]));
  const counts = Map.groupBy(hostile, ({ outcome }) => outcome);
  const [p50Ms, p99Ms] = [0.5, 0.99].map((share) => Math.round(percentile(healthyMs, share)));
  const mebibytes = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
  print(
    `${hostile.length} hostile receivers at once: ` +
      [...counts].map(([outcome, { length }]) => `${outcome} ${length}`).join(', '),
  );
  const { before, peak } = residentBytes;
  print(`peak resident memory of the sender: ${mebibytes(peak)}, of which ${mebibytes(peak - before)} came with them`);
  print(`meanwhile ${healthyMs.length} requests to a healthy receiver: p50 ${p50Ms} ms, p99 ${p99Ms} ms`);

  const wrong = hostile.filter(({ what, outcome }) => !expected.get(what)!.includes(outcome));
  if (wrong.length > 0) throw new Error(`Ended otherwise than expected: ${JSON.stringify(wrong.slice(0, 5))}`);
  const late = hostile.filter(({ durationMs }) => durationMs > TIMEOUT_MS + LATE_MS);
  if (late.length > 0) throw new Error(`Ended after the deadline: ${JSON.stringify(late.slice(0, 5))}`);
  if (peak - before > MAX_GROWTH_BYTES) throw new Error(`Memory grew by ${mebibytes(peak - before)}`);
  if (healthyFailures > 0) throw new Error(`${healthyFailures} requests to the healthy receiver failed`);
}

function start(name: 'receivers' | 'sender', parameters: readonly string[] = []) {
  const child = forkProcess(new URL(`./processes/${name}.ts`, import.meta.url), parameters, { stdio: 'inherit' });
  return {
    tell: (message: object) => void child.send(message),
    hear: <T>() => Promise.race([once(child, 'message').then(([message]) => message as T), death(child, name)]),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  };
}

async function death(child: ChildProcess, name: string): Promise<never> {
  const [code, signal] = await once(child, 'exit');
  throw new Error(`The process of the ${name} ended (${signal ?? code})`);
}
