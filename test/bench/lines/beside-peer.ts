/**
 * Deliveries beside those of another sender, in turns, at the same receivers: events of 1 KB, one a request, from 32 clients.
 * `--peer` says which sender; without it the rows show what was recorded.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { deliver, TARGETS, type Delivering } from '../deliver.ts';
import { atLeast, notMeasured, type Line, type LineOptions, type Row } from '../line.ts';
import type { Peer } from '../peer.ts';
import { sideBySide } from '../side-by-side.ts';
import { TRUST, type Receiver, type Stage } from '../stage.ts';
import { sharedMs } from '../statistics.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const NAME = 'beside another sender';
const CLIENTS = 32;
const CHARACTERS = 850;
const ROUNDS = 2;
const ROUND_SECONDS = 3;
const WARM_UP = 2_000;
const WAIT_MS = 300_000;

type Case = {
  readonly name: string;
  readonly targetsPerEvent: 1 | typeof TARGETS;
  readonly isDistant: boolean;
  /** Of the other sender's rate. */
  readonly budget: number;
  /** Deliveries per second, ours and those of Svix server 1.100, in one run on two cores. */
  readonly recorded: { readonly ours: number; readonly theirs: number };
};

const RECORDED = 'recorded beside Svix server, 29 November 2026, its queue in memory';

const CASES: readonly Case[] = [
  {
    name: 'loopback, 20 targets per event',
    targetsPerEvent: TARGETS,
    isDistant: false,
    budget: 2,
    recorded: { ours: 4_771, theirs: 3_629 },
  },
  {
    name: 'loopback, 1 target per event',
    targetsPerEvent: 1,
    isDistant: false,
    budget: 2,
    recorded: { ours: 1_121, theirs: 885 },
  },
  {
    name: 'TLS, 200 ms, 20 targets per event',
    targetsPerEvent: TARGETS,
    isDistant: true,
    budget: 1.5,
    recorded: { ours: 2_652, theirs: 2_984 },
  },
  {
    name: 'TLS, 200 ms, 1 target per event',
    targetsPerEvent: 1,
    isDistant: true,
    budget: 1.5,
    recorded: { ours: 1_059, theirs: 759 },
  },
];

export const besidePeer: Line = {
  name: NAME,
  budget: 'at least 2x its rate on loopback, 1.5x at 200 ms over TLS',
  async run(stage, options) {
    if (options.peer === undefined) return CASES.map(asRecorded);
    const peer = await stage.startPeer(options.peer);
    const service = await stage.startService(TRUST);
    const publisher = await stage.startPublisher();
    const eventTypes = await eventTypeNames(stage.pool, 2 * (TARGETS + 1));
    const near = await stage.startReceiver(TARGETS);
    // Of a receiver, what is used here both kinds have: url, reset, expect and reached.
    const far = (await stage.startLimited(TARGETS, true)) as unknown as Receiver;
    const rows: Row[] = [];
    for (const each of CASES) {
      const types = eventTypes.splice(0, TARGETS / each.targetsPerEvent);
      const receiver = each.isDistant ? far : near;
      const targets = Array.from({ length: TARGETS }, (_, index) => ({
        url: receiver.url(each.isDistant ? 'pause' : 'ok', index),
        eventType: types[index % types.length]!,
      }));
      await peer.createTargets(targets);
      await createTargets(
        service,
        targets.map(({ url, eventType }) => ({ url, eventTypes: [eventType] })),
      );
      const { targetsPerEvent } = each;
      rows.push(
        await compare(stage, options, each, peer, { service, receiver, publisher, eventTypes: types, targetsPerEvent }),
      );
    }
    return rows;
  },
};

function asRecorded({ name, budget, recorded: { ours, theirs } }: Case): Row {
  return notMeasured({
    line: `${NAME}, ${name}`,
    budget: `at least ${budget}`,
    reason: 'no sender was given with --peer',
    recorded: { name: RECORDED, value: ours / theirs, unit: 'x' },
  });
}

async function compare(
  stage: Stage,
  { isQuick }: LineOptions,
  each: Case,
  peer: Peer,
  scene: Delivering,
): Promise<Row> {
  const seconds = isQuick ? 1 : ROUND_SECONDS;
  const ours = (count: number) => deliver(scene, count, CLIENTS);
  const theirs = (count: number) => deliverByPeer(peer, scene, count);
  /** As many as take about a round, of the second try: the first one warms up. */
  const countOf = async (send: (count: number) => Promise<number>) => {
    await send(WARM_UP);
    return Math.max(WARM_UP, Math.round(((await send(WARM_UP)) * seconds) / TARGETS) * TARGETS);
  };
  const [ourCount, theirCount] = [await countOf(ours), await countOf(theirs)];
  let note = '';
  const { measured, reference } = await sideBySide(
    ROUNDS,
    () => theirs(theirCount),
    async () => {
      const [perSecond, cpu] = await stage.observe('delivery', async () => ({
        count: ourCount,
        value: await ours(ourCount),
      }));
      note = cpu;
      return perSecond;
    },
  );
  return atLeast(each.budget, {
    line: `${NAME}, ${each.name}`,
    measured,
    unit: '/s',
    note,
    reference: { name: peer.name, value: reference, unit: '/s' },
  });
}

/** As `deliver` does it for the service: from the first publish to the last request received. */
async function deliverByPeer(
  peer: Peer,
  { receiver, eventTypes, targetsPerEvent }: Delivering,
  deliveries: number,
): Promise<number> {
  receiver.tell({ type: 'reset' });
  const reached = receiver.ask({ type: 'expect', count: deliveries }, 'reached', WAIT_MS);
  const startedAt = sharedMs();
  const load = { eventTypes, events: deliveries / targetsPerEvent, clients: CLIENTS, characters: CHARACTERS };
  const [{ lastAt }] = await Promise.all([reached, peer.publish(load)]);
  await pause(300); // The last ones settle.
  return deliveries / ((lastAt - startedAt) / 1_000);
}
