/**
 * Cursors: positions as the text that clients keep. The place of a change counts the changes of the whole platform, which
 * no client should know. So it is sealed, for the readers of one organization and for one stream.
 *
 *     kind               4 characters
 *     deployment         8, of the epoch (epoch.ts): random, and the same in all cursors of a database
 *     tag                4, and
 *     block             22, sealed (domain/seal/block-seal.ts): transaction id, sequence, mark, round
 *
 * A change has one cursor for all readers of an organization, in every process that seals under the same MASTER_KEY: clients
 * tell repeats by it, and answers are shared (server/streams/shared-answers.ts). Keys of MASTER_KEY_PREVIOUS open it, too.
 *
 * The shape is that of release 0.1.0, which had an open position in the block, and the numbering of the epoch in place of
 * the tag. The tag is never the numbering. So a process of 0.1.0 that still runs treats a sealed cursor like a cursor
 * from before a restore: it answers CURSOR_EXPIRED, and clients load their lists again.
 *
 * Cursors of 0.1.0 are still read in this release (unsealed.ts). The next release refuses them.
 */
import { BLOCK_BYTES, createBlockSeal } from '../../domain/seal/block-seal.ts';
import { quote } from '../../domain/text.ts';
import { RequestError } from '../../errors.ts';
import { deploymentOf, expired, isAfter, numberingOf, type CursorKind, type StreamPosition } from './cursor.ts';
import { parseUnsealed } from './unsealed.ts';

/** A position that a client sent as `after`. */
export type GivenPosition = {
  readonly position: StreamPosition;
  /** True for an unsealed cursor of 0.1.0: anybody may have written it. */
  readonly isUnsealed: boolean;
};

/** The cursors of one stream. */
export type Cursors = {
  readonly kind: CursorKind;
  /** Returns the cursor of a position, for readers of this organization. */
  encode(position: StreamPosition, organizationId: string): string;
  /**
   * Returns the position in a cursor that a reader of this organization sent as `after`. Only the history knows whether
   * its change is there. Throws BAD_USER_INPUT when the text is not a cursor of this stream and deployment. Throws
   * CURSOR_EXPIRED when the cursor does not open: it is of another organization, was changed on its way, is from before a
   * restore, or was sealed under a lost key. The answer is the same for all four, so that nobody learns which it is.
   * `sentAs` is the name that the error gives to the text.
   */
  decode(text: string, organizationId: string, sentAs?: string): GivenPosition;
  /**
   * Returns where a stream goes on: the later of `after` and `lastEventId`, null when both are. An EventSource connects again
   * with its first URL, and so with its first `after`, and tells beside it how far it came. Throws as `decode` does.
   */
  later(after: string | null, lastEventId: string | null, organizationId: string): string | null;
};

/** What cursors of all streams have in common. */
export type CursorOptions = {
  /** The epoch from loadEpoch. */
  readonly epoch: string;
  /** The first master key seals; each of them opens. */
  readonly masterKeys: readonly Buffer[];
};

/** The reason given for every cursor that does not open. */
export const UNKNOWN_PLACE =
  'This cursor cannot be opened here: it is of another organization, was changed on its way, was given before the ' +
  'database was restored or moved, or was sealed under a MASTER_KEY that this process does not have';

const CURSOR = /^([\w-]{4})([\w-]{8})([\w-]{26})$/;
/** Bytes of a transaction id, and of a sequence number. At 100,000 transactions a second, 2^48 last for 89 years. */
const NUMBER_BYTES = 6;
const MARK_START = 2 * NUMBER_BYTES;
const MARK_END = 15;
/** The last byte is 0; or 1, where with 0 the tag would be the numbering. A block that ends otherwise was not sealed here. */
const GREATEST_ROUND = 1;

export function createCursors(kind: CursorKind, { epoch, masterKeys }: CursorOptions): Cursors {
  const seal = createBlockSeal(masterKeys, `hookcast stream cursors ${kind.prefix}`);
  const start = `${kind.prefix}${deploymentOf(epoch)}`;
  const numbering = numberingOf(epoch);
  const contextOf = (organizationId: string): string => `${epoch} ${organizationId}`;

  const open = (sealed: Buffer, organizationId: string): StreamPosition | undefined => {
    const block = seal.open(sealed, contextOf(organizationId));
    if (!block || block[MARK_END]! > GREATEST_ROUND) return undefined;
    const mark = block.toString('base64url', MARK_START, MARK_END);
    const place = { xid: readNumber(block, 0), seq: readNumber(block, NUMBER_BYTES) };
    return mark === numbering ? place : { ...place, mark };
  };

  const decode: Cursors['decode'] = (text, organizationId, sentAs = 'after') => {
    const [, prefix, deployment, rest = ''] = CURSOR.exec(text) ?? [];
    const sealed = Buffer.from(rest, 'base64url');
    if (prefix !== kind.prefix || sealed.toString('base64url') !== rest) {
      return refuse(kind, sentAs, `got ${quote(text)}. Cursors of lists and of other streams do not fit here.`);
    }
    if (deployment !== deploymentOf(epoch)) return refuse(kind, sentAs, 'got a cursor of another deployment.');
    const position = open(sealed, organizationId);
    if (position) return { position, isUnsealed: false };
    const unsealed = parseUnsealed(sealed, numbering);
    if (unsealed) return { position: unsealed, isUnsealed: true };
    throw expired(kind, UNKNOWN_PLACE, sentAs);
  };

  return {
    kind,
    encode(position, organizationId) {
      const context = contextOf(organizationId);
      const block = toBlock(position, numbering);
      let sealed = seal.seal(block, context).toString('base64url');
      if (sealed.startsWith(numbering)) {
        block[MARK_END] = GREATEST_ROUND;
        sealed = seal.seal(block, context).toString('base64url');
      }
      return start + sealed;
    },
    decode,
    later(after, lastEventId, organizationId) {
      if (lastEventId === null) return after;
      const last = decode(lastEventId, organizationId, 'Last-Event-ID');
      if (after === null) return lastEventId;
      const first = decode(after, organizationId);
      // What is not sealed may be a guess: compared with a sealed cursor, it would tell where that one stands.
      if (first.isUnsealed || last.isUnsealed) return lastEventId;
      return isAfter(first.position, last.position) ? after : lastEventId;
    },
  };
}

/** Returns the block of a position. Throws RangeError for a number beyond 2^48. */
function toBlock({ xid, seq, mark }: StreamPosition, numbering: string): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  block.writeUIntBE(Number(xid), 0, NUMBER_BYTES);
  block.writeUIntBE(Number(seq), NUMBER_BYTES, NUMBER_BYTES);
  block.write(mark ?? numbering, MARK_START, MARK_END - MARK_START, 'base64url');
  return block;
}

const readNumber = (block: Buffer, start: number): bigint => BigInt(block.readUIntBE(start, NUMBER_BYTES));

function refuse({ stream, sources }: CursorKind, sentAs: string, got: string): never {
  const expected = `\`${sentAs}\`: expected a cursor of the ${stream}, unchanged, from ${sources.join(' or ')}`;
  throw new RequestError('BAD_USER_INPUT', `${expected}; ${got}`, { argument: sentAs });
}
