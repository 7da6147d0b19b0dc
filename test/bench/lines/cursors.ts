/** CPU time of a cursor: each change is sealed once for each organization and stream, however many clients read it. */
import { createCursors, type Cursors } from '../../../src/live/cursors/cursors.ts';
import { markOf } from '../../../src/live/cursors/cursor.ts';
import { DELIVERY_CHANGES } from '../../../src/live/changes/delivery-changes.ts';
import { atMostTimes, type Line } from '../line.ts';
import { MASTER_KEY } from '../service.ts';
import { median } from '../statistics.ts';

const NAME = 'cursor of a change';
const EPOCH = 'AAAABBBBcccc';
const ROUNDS = 5;
const CHANGES = 10_000;
/** More than the masks that are kept: each change needs one that is not. */
const MANY = 10_000;
const ID = '0ujtsYcgvSTl8PAuAdqWYSMnLOv';

/** Microseconds of the processor for each, in the middle of several rounds. */
function cost(each: (nth: number) => void): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage();
    for (let nth = 0; nth < CHANGES; nth++) each(nth);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / CHANGES;
  });
  return median(rounds);
}

const sealFor =
  ({ encode }: Cursors, organizations: number) =>
  (nth: number): void =>
    void encode({ xid: 1_000_000n, seq: BigInt(nth), mark: 'Mark' }, `${ID}${nth % organizations}`);

export const cursorOfChange: Line = {
  name: NAME,
  budget: 'at most 20x the SHA-256 of the change that is in it',
  async run() {
    const cursors = createCursors(DELIVERY_CHANGES.cursors, { epoch: EPOCH, masterKeys: [MASTER_KEY] });
    const given = cursors.encode({ xid: 1_000_000n, seq: 1n, mark: 'Mark' }, ID);
    const markUs = cost((nth) => void markOf(`${ID},PENDING,DELIVERED,1,${nth}`, EPOCH));
    const sealUs = cost(sealFor(cursors, 100));
    const openUs = cost(() => void cursors.decode(given, ID));
    const manyUs = cost(sealFor(cursors, MANY));
    const note = `opening one ${openUs.toFixed(1)} us; sealing for ${MANY.toLocaleString('en')} organizations in turn ${manyUs.toFixed(1)} us`;
    return [
      atMostTimes(20, {
        line: `${NAME}, processor time`,
        measured: sealUs,
        unit: 'us',
        note,
        reference: { name: 'its SHA-256', value: markUs, unit: 'us' },
      }),
    ];
  },
};
