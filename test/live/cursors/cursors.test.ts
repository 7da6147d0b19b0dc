/** The text of cursors: what it hides, whom it opens for, and what is answered to everybody else. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { ORIGIN, type StreamPosition } from '../../../src/live/cursors/cursor.ts';
import { createBlockSeal } from '../../../src/domain/seal/block-seal.ts';
import { createCursors } from '../../../src/live/cursors/cursors.ts';
import { DELIVERY_CHANGES } from '../../../src/live/changes/delivery-changes.ts';
import { TARGET_CHANGES } from '../../../src/live/changes/target-changes.ts';
import { encodeCursor as encodeListCursor } from '../../../src/schema/read/list-cursor.ts';
import { codeOfRelease010, MASTER_KEYS, unsealedCursor } from '../../support/cursors.ts';

const EPOCH = 'AAAABBBBcccc';
const KIND = DELIVERY_CHANGES.cursors;
const CHANGE: StreamPosition = { xid: 760n, seq: 34n, mark: 'Mark' };

const setup = ({ epoch = EPOCH, masterKeys = MASTER_KEYS, kind = KIND } = {}) =>
  createCursors(kind, { epoch, masterKeys });

test.each<[string, StreamPosition]>([
  ['the origin', ORIGIN],
  ['a change', CHANGE],
  ['no change named', { xid: 760n, seq: 34n }],
  ['the greatest there can be', { xid: 2n ** 48n - 1n, seq: 2n ** 48n - 1n, mark: '____' }],
])('a cursor gives its position back: %s', (_name, position) => {
  const cursors = setup();
  const cursor = cursors.encode(position, 'acme');
  expect(cursor).toMatch(/^chg1AAAABBBB[\w-]{26}$/);
  expect(cursors.decode(cursor, 'acme')).toEqual({ position, isUnsealed: false });
});

test('cursors of one after the other change have nothing in common but the stream and the deployment', () => {
  const cursors = setup();
  const all = Array.from({ length: 1_000 }, (_, nth) =>
    Buffer.from(cursors.encode({ xid: 760n, seq: BigInt(nth), mark: 'Mark' }, 'acme').slice(12), 'base64url'),
  );
  // Each bit of the sealed part is set in about half of them: five standard deviations are 79.
  for (let bit = 0; bit < 19 * 8; bit++) {
    const set = all.filter((bytes) => (bytes[bit >> 3]! >> (bit & 7)) & 1).length;
    expect(Math.abs(set - 500), `bit ${bit}`).toBeLessThan(85);
  }
});

test('a change has one cursor for the readers of an organization in all processes, and another one for each other', () => {
  const cursors = ['acme', 'acme', 'globex'].map((organization) => setup().encode(CHANGE, organization));
  expect(cursors[0]).toBe(cursors[1]);
  expect(cursors[2]).not.toBe(cursors[0]);
  const ofTargets = setup({ kind: TARGET_CHANGES.cursors }).encode(CHANGE, 'acme');
  expect(ofTargets.slice(12)).not.toBe(cursors[0]!.slice(12));
});

test('keys of MASTER_KEY_PREVIOUS open a cursor, and seal none', () => {
  const [before, now] = [randomBytes(32), randomBytes(32)];
  const cursor = setup({ masterKeys: [before] }).encode(CHANGE, 'acme');
  const rotated = setup({ masterKeys: [now, before] });
  expect(rotated.decode(cursor, 'acme').position).toEqual(CHANGE);
  expect(rotated.encode(CHANGE, 'acme')).toBe(setup({ masterKeys: [now] }).encode(CHANGE, 'acme'));
});

const good = setup().encode(CHANGE, 'acme');

test.each([
  ['empty', ''],
  ['words', 'the last one'],
  ['too short', good.slice(0, -1)],
  ['too long', `${good}A`],
  ['a bit that encodes nothing', `${good.slice(0, -1)}B`],
  ['another version', `chg2${good.slice(4)}`],
  ['a cursor of the other stream', setup({ kind: TARGET_CHANGES.cursors }).encode(CHANGE, 'acme')],
  ['a cursor of a list', encodeListCursor('deliveries', '0ujtsYcgvSTl8PAuAdqWYSMnLOv')],
  ['NUL', `${good}\0`],
])('text that is no cursor of the stream says what was expected: %s', (_name, text) => {
  expect(() => setup().decode(text, 'acme')).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/`after`: expected a cursor of the delivery stream.*deliveryStreamCursor.*; got/s),
      details: { argument: 'after' },
    }),
  );
});

test('a cursor of another deployment is refused', () => {
  const { encode } = setup({ epoch: 'ZZZZBBBBcccc' });
  expect(() => setup().decode(encode(ORIGIN, 'acme'), 'acme')).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', message: expect.stringContaining('another deployment') }),
  );
});

test('release 0.1.0 answers CURSOR_EXPIRED to every cursor, so that clients load their lists again', () => {
  const { encode } = setup();
  const positions = [ORIGIN, CHANGE, ...Array.from({ length: 1_000 }, (_, nth) => ({ xid: 7n, seq: BigInt(nth) }))];
  const codes = positions.map((position) => codeOfRelease010(encode(position, 'acme'), EPOCH));
  expect(new Set(codes)).toEqual(new Set(['CURSOR_EXPIRED']));
});

test('the tag is never the numbering, by which release 0.1.0 would take the cursor for one of its own', () => {
  // Found by trying: sealed as all others are, this position has the numbering of the epoch as its tag.
  const position = { ...CHANGE, seq: 1_186_792n };
  const block = Buffer.alloc(16);
  block.writeUIntBE(760, 0, 6);
  block.writeUIntBE(1_186_792, 6, 6);
  block.write('Mark', 12, 'base64url');
  const { seal } = createBlockSeal(MASTER_KEYS, 'hookcast stream cursors chg1');
  expect(seal(block, `${EPOCH} acme`).toString('base64url', 0, 3)).toBe('cccc');
  const cursor = setup().encode(position, 'acme');
  expect(codeOfRelease010(cursor, EPOCH)).toBe('CURSOR_EXPIRED');
  expect(setup().decode(cursor, 'acme').position).toEqual(position);
});

const at = (seq: bigint): StreamPosition => ({ xid: 760n, seq, mark: 'Mark' });
const sealed = (seq: bigint, organizationId = 'acme') => setup().encode(at(seq), organizationId);
const unsealed = (seq: bigint) => unsealedCursor(at(seq), EPOCH, KIND);

test.each<[string, string | null, string | null, string | null]>([
  ['neither', null, null, null],
  ['after alone', sealed(5n), null, sealed(5n)],
  ['Last-Event-ID alone', null, sealed(5n), sealed(5n)],
  ['the later Last-Event-ID', sealed(5n), sealed(6n), sealed(6n)],
  ['the later after', sealed(6n), sealed(5n), sealed(6n)],
  ['the later one of different lengths', sealed(99n), sealed(100n), sealed(100n)],
  ['Last-Event-ID, where after is not sealed: they are not compared', unsealed(9n), sealed(5n), sealed(5n)],
  ['Last-Event-ID, where it is not sealed: they are not compared', sealed(9n), unsealed(5n), unsealed(5n)],
])('a stream goes on from %s', (_name, after, lastEventId, expected) => {
  expect(setup().later(after, lastEventId, 'acme')).toBe(expected);
});

test('a Last-Event-ID that is no cursor here is refused under its own name, and so is a bad cursor beside a good one', () => {
  const refuse = (after: string | null, lastEventId: string) => () => setup().later(after, lastEventId, 'acme');
  expect(refuse(sealed(5n), 'nonsense')).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/^`Last-Event-ID`: expected a cursor of the .*; got "nonsense"/),
      details: { argument: 'Last-Event-ID' },
    }),
  );
  expect(refuse(sealed(5n), sealed(6n, 'globex'))).toThrow(expect.objectContaining({ code: 'CURSOR_EXPIRED' }));
  expect(refuse('nonsense', sealed(5n))).toThrow(expect.objectContaining({ details: { argument: 'after' } }));
});
