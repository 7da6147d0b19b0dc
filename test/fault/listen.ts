/**
 * Two `hookcast listen` side by side, each with a receiver of its own, while the service is killed and one of them is stopped for
 * two minutes, as a laptop that sleeps, and then killed: each receiver gets every event once and in order.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { publishAt, startListening, type Listening } from '../support/cli/listening.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { requireHistory } from './stage/check.ts';
import { setStage } from './stage/stage.ts';
import type { Print } from './stream.ts';

const ASLEEP_MS = 120_000;
const EVENTS = 50;

export async function testListen(print: Print): Promise<void> {
  await using stage = await setStage({ processes: 1 });
  const [service] = stage.processes;
  const url = `${service!.origin}/graphql`;
  await using folder = await createFolder('hookcast-listen-');
  await using awake = await startReceiver();
  await using sleepy = await startReceiver();
  const listen = ({ port }: Receiver): Promise<Listening> =>
    startListening([String(port), '--events', 'transaction.*', '--output', 'json'], { url, home: folder.path });
  await using steady = await listen(awake);
  const published: string[] = [];
  const publish = async (): Promise<void> => {
    for (let count = 0; count < EVENTS; count++) published.push((await publishAt(url)).id);
  };
  const check = async (name: string, receiver: Receiver): Promise<void> => {
    while (receiver.requests.length < published.length) await receiver.next();
    requireHistory(
      name,
      receiver.requests.map(({ headers }) => String(headers['webhook-id'])),
      published,
    );
  };

  await using sleeping = await listen(sleepy);
  await publish();
  await service!.restart();
  await publish();
  await check('the first listener', awake);
  await check('the second listener', sleepy);
  print(`service killed: both receivers got ${published.length} events once and in order`);

  sleeping.process.kill('SIGSTOP');
  await publish();
  await delay(ASLEEP_MS);
  await publish();
  sleeping.process.kill('SIGCONT');
  await publish();
  await check('the listener that slept', sleepy);
  print(`stopped for ${ASLEEP_MS / 1_000} s: its receiver got all ${published.length} once and in order`);

  while ((await sleeping.next()).eventId !== published.at(-1)); // Nothing is under way any more.
  await sleeping.end('SIGKILL');
  await publish();
  await using again = await listen(sleepy);
  await check('the listener that was killed at rest', sleepy);
  await check('the listener beside it', awake);
  for (const listener of [steady, again]) {
    const exitCode = await listener.end('SIGINT');
    if (exitCode !== 0) throw new Error(`Ctrl-C ended a listener with ${exitCode}`);
  }
  print(`killed and started again: both receivers got all ${published.length}, and Ctrl-C ended both with 0`);
}
