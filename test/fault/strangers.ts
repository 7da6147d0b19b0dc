/**
 * A hundred anonymous connections do the worst they can for a minute, while a customer with a key publishes and its events
 * are delivered. The measure is the same minute with the same strangers at a server that refuses at once, beside the service:
 * what they cost the machine is in both, and what they cost the service only in one.
 *
 * The control run is the release before, attacked in the same way. It must break both budgets: else the strangers are too
 * weak to prove anything.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, loadavg } from 'node:os';
import { forkProcess } from '../support/processes/start.ts';
import { CREATE_TARGET } from '../support/service.ts';
import { checkOutReleaseBefore } from './stage/release-before.ts';
import { percentile, within } from './stage/check.ts';
import type { Refuser } from './processes/refuser.ts';
import type { StrangersReport, ToStrangers } from './processes/strangers.ts';
import { openTargets, type Targets } from './stage/receipts.ts';
import { clearLater } from './stage/stage.ts';
import { startMeasured, type Measured } from './strangers/measured.ts';
import { publishFor, type Publishing } from './strangers/publishing.ts';
import { addReports, describeKind } from './strangers/tally.ts';
import type { Print } from './stream.ts';

const MIB = 1024 * 1024;
const WARM_UP_MS = 10_000;
const ATTACK_MS = 60_000;
const SLOWER_AT_MOST = 3;
const GROWTH_AT_MOST_BYTES = 150 * MIB;
const DELIVERED_WITHIN_MS = 60_000;
const PROCESSES = 2;
const EVENT_TYPE = 'user.created';
const SAMPLE_MS = 100;

export async function testStrangers(print: Print): Promise<void> {
  const { budgets, promises } = await endure(print);
  const broken = [...budgets, ...promises];
  if (broken.length > 0) throw new Error(broken.join('; '));
}

/** Skips where the release is not in the history of this folder. */
export async function controlStrangers(print: Print): Promise<void> {
  await using release = await checkOutReleaseBefore();
  if (!release) return print('skipped: the history of this folder does not have the release before');
  const { version } = release;
  const { budgets, promises } = await endure(print, release.main);
  print(`release ${version}: ${[...budgets, ...promises].join('; ') || 'keeps every budget'}`);
  if (budgets.length < 2) throw new Error(`Release ${version} must break both budgets: the strangers are too weak`);
}

/** What is broken of the two budgets, and of the promises that everything is acknowledged and delivered. */
type Broken = { readonly budgets: readonly string[]; readonly promises: readonly string[] };

async function endure(print: Print, main?: string): Promise<Broken> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const targets = stack.use(await openTargets({ count: 1, answerMs: () => 0, refuses: () => false }));
  const service = stack.use(await startMeasured(main));
  await service.api(CREATE_TARGET, { url: targets.url(0) });
  await publishFor(WARM_UP_MS, service.origin, EVENT_TYPE);

  const [load] = loadavg();
  print(
    `load of the machine: ${load!.toFixed(1)} for ${availableParallelism()} processors; others at work blur the measure`,
  );
  using refuser = start('refuser');
  const { port } = await refuser.hear<Refuser>();
  const beside = await publishUnderAttack(service, port);
  describe('beside a server that refuses at once', beside, print);
  const attacked = await publishUnderAttack(service, service.port);
  describe('attacked', attacked, print);
  const budgets = judge(beside, attacked, print);
  return { budgets, promises: await findUndelivered(service, targets, [beside, attacked], print) };
}

type Minute = {
  readonly publishing: Publishing;
  readonly strangers: StrangersReport;
  readonly grownBytes: number;
  readonly serviceCpuMs: number;
};

async function publishUnderAttack(service: Measured, port: number): Promise<Minute> {
  const [beforeBytes, beforeCpuMs] = [await service.residentBytes(), await service.cpuMs()];
  let peakBytes = beforeBytes;
  const sampling = setInterval(async () => {
    peakBytes = Math.max(peakBytes, await service.residentBytes());
  }, SAMPLE_MS);
  const [publishing, ...reports] = await Promise.all([
    publishFor(ATTACK_MS, service.origin, EVENT_TYPE),
    ...Array.from({ length: PROCESSES }, (_, part) =>
      sendStrangers({ port, forMs: ATTACK_MS, part, parts: PROCESSES }),
    ),
  ]);
  clearInterval(sampling);
  const serviceCpuMs = (await service.cpuMs()) - beforeCpuMs;
  const kinds = addReports(reports.flatMap((report) => report.kinds));
  const cpuMs = reports.reduce((sum, report) => sum + report.cpuMs, 0);
  return { publishing, strangers: { kinds, cpuMs }, grownBytes: peakBytes - beforeBytes, serviceCpuMs };
}

async function sendStrangers(message: ToStrangers): Promise<StrangersReport> {
  using strangers = start('strangers');
  strangers.tell(message);
  return await strangers.hear<StrangersReport>();
}

const mebibytes = (bytes: number) => `${Math.round(bytes / MIB)} MiB`;
const p99Of = ({ publishing }: Minute) => percentile(publishing.latenciesMs, 0.99);

function describe(where: string, minute: Minute, print: Print): void {
  const { publishing, strangers, grownBytes, serviceCpuMs } = minute;
  const { latenciesMs, eventIds, tries, refusals } = publishing;
  const [p50Ms, p99Ms, longestMs] = [0.5, 0.99, 1].map((share) => Math.round(percentile(latenciesMs, share)));
  print(`${where}: ${eventIds.length} of ${latenciesMs.length} events acknowledged after ${p50Ms} ms (p50),`);
  print(
    `  ${p99Ms} ms (p99), ${longestMs} ms (longest); ${tries.unavailable} times SERVICE_UNAVAILABLE, ` +
      `${tries.unanswered} times no answer; resident memory grew by ${mebibytes(grownBytes)}`,
  );
  if (refusals.length > 0) print(`  ${refusals.length} events were given up, the first: ${refusals[0]}`);
  for (const kind of strangers.kinds) print(`  ${describeKind(kind, ATTACK_MS)}`);
  const [ours, theirs] = [serviceCpuMs, strangers.cpuMs].map((cpuMs) => (cpuMs / ATTACK_MS).toFixed(2));
  print(`  the service used ${ours} processors, the strangers ${theirs}`);
}

function judge(beside: Minute, attacked: Minute, print: Print): string[] {
  const [besideMs, attackedMs] = [beside, attacked].map((minute) => p99Of(minute));
  const slower = attackedMs! / besideMs!;
  print(
    `publishEvent takes ${slower.toFixed(1)} times as long (p99) of at most ${SLOWER_AT_MOST}; ` +
      `memory grows by ${mebibytes(attacked.grownBytes)} of at most ${mebibytes(GROWTH_AT_MOST_BYTES)}`,
  );
  const broken: string[] = [];
  if (!(slower <= SLOWER_AT_MOST)) broken.push(`publishEvent takes ${slower.toFixed(1)} times as long under attack`);
  if (attacked.grownBytes > GROWTH_AT_MOST_BYTES) broken.push(`memory grows by ${mebibytes(attacked.grownBytes)}`);
  return broken;
}

/** Everything that was acknowledged is delivered, soon after the attack at the latest. */
async function findUndelivered(
  service: Measured,
  targets: Targets,
  minutes: readonly Minute[],
  print: Print,
): Promise<string[]> {
  const eventIds = minutes.flatMap(({ publishing }) => publishing.eventIds);
  const wanted = minutes.flatMap(({ publishing }) => publishing.latenciesMs).length;
  const ended = service.ended();
  if (ended !== undefined) return [`the service ended with ${ended}`];
  const all = Promise.all(eventIds.map((eventId) => targets.delivered(0, eventId)));
  const receivedCount = () => eventIds.filter((eventId) => targets.receipts(0).has(eventId)).length;
  const describeMissing = () => `${receivedCount()} of ${eventIds.length} events are delivered`;
  const missing = await within(DELIVERED_WITHIN_MS, all, describeMissing).then(
    () => [],
    (error: Error) => [error.message],
  );
  print(`${receivedCount()} of ${eventIds.length} acknowledged events are delivered`);
  return eventIds.length < wanted
    ? [...missing, `${wanted - eventIds.length} events were never acknowledged`]
    : missing;
}

function start(name: 'refuser' | 'strangers') {
  const child = forkProcess(new URL(`./processes/${name}.ts`, import.meta.url), [], { stdio: 'inherit' });
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
