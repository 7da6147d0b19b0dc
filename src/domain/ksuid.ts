/**
 * KSUIDs (https://github.com/segmentio/ksuid): 20 bytes as 27 base62 characters that sort by creation time. Bytes 0-3
 * are seconds since 2014-05-13T16:53:20Z. The standard fills the other 16 with randomness; ours keep the format and
 * order ids within a second too:
 *
 *     bytes  0-3   seconds
 *     bytes  4-6   milliseconds (10 bits), then a counter within the millisecond (14 bits)
 *     bytes  7-17  random (88 bits)
 *     bytes 18-19  zero in every generated id, to leave room for the attempts of a delivery
 *
 * Attempt n of delivery d has the id d + n. So an attempt needs no column and no index for its id.
 */

export type IdGenerator = {
  /** A new id; greater than every id this generator gave before. */
  next(): string;
};

/** Milliseconds. An id is made at most this long before or after the created_at of its row. */
const ID_SKEW_MS = 10_000;

const EPOCH_SECONDS = 1_400_000_000;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 27;
const COUNTER_LIMIT = 1 << 14;
const ATTEMPT_MASK = 0xffffn;
const PATTERN = /^[0-9A-Za-z]{27}$/;
/** The greatest 20-byte number: 27 base62 characters can say more than that. */
const MAX_ID = 'aWgEPTl1tmebfsQzFP4bxwgy80V';
const RANDOM_BYTES = 11;
const RANDOM_POOL_IDS = 256;

type Source = { readonly nowMs: () => number; readonly randomBytes: (size: number) => Uint8Array };

export function createIdGenerator({ nowMs, randomBytes }: Source): IdGenerator {
  let lastMs = 0;
  let counter = 0;
  let pool: Uint8Array = new Uint8Array(0);
  let used = 0;
  const words = new Uint32Array(5);

  return {
    next() {
      // When the clock stands still or steps back, the counter goes on; after it, the last millisecond does.
      const ms = Math.max(nowMs(), lastMs);
      if (ms > lastMs) [lastMs, counter] = [ms, 0];
      else if (++counter === COUNTER_LIMIT) [lastMs, counter] = [lastMs + 1, 0];

      if (used + RANDOM_BYTES > pool.length) [pool, used] = [randomBytes(RANDOM_BYTES * RANDOM_POOL_IDS), 0];
      const r = pool.subarray(used, (used += RANDOM_BYTES)) as unknown as number[];
      words[0] = Math.floor(lastMs / 1000) - EPOCH_SECONDS;
      words[1] = ((lastMs % 1000) << 22) | (counter << 8) | r[0]!;
      words[2] = (r[1]! << 24) | (r[2]! << 16) | (r[3]! << 8) | r[4]!;
      words[3] = (r[5]! << 24) | (r[6]! << 16) | (r[7]! << 8) | r[8]!;
      words[4] = (r[9]! << 24) | (r[10]! << 16);
      return encodeWords(words);
    },
  };
}

export const isId = (text: string): boolean => PATTERN.test(text) && text <= MAX_ID;

/** When an id was made, to the millisecond for ids of this service. */
export function idTime(id: string): Date {
  const bits = decode(id);
  const seconds = Number(bits >> 128n) + EPOCH_SECONDS;
  return new Date(seconds * 1000 + Number((bits >> 118n) & 0x3ffn));
}

/** The same in milliseconds, without BigInt: twenty times as fast. Ids of this service only. */
export function idTimeMs(id: string): number {
  // The first eight characters say the time to 1/32 ms; what the others may add is not enough for the next millisecond.
  let value = 0;
  for (let index = 0; index < 8; index++) value = value * 62 + ALPHABET.indexOf(id[index]!);
  const seconds = (value + 1) * SECONDS_OF_EIGHTH;
  const whole = Math.floor(seconds);
  return (whole + EPOCH_SECONDS) * 1_000 + Math.floor((seconds - whole) * 1_024);
}

/** What 1 in the eighth character is worth: 62¹⁹ of 2¹²⁸. */
const SECONDS_OF_EIGHTH = Number((62n ** 19n) >> 60n) / 2 ** 68;

/** The least id that can have been made at `time` or later. It turns a range of times into a range of ids. */
export function firstIdAt(time: Date): string {
  const ms = Math.min(Math.max(time.getTime(), EPOCH_SECONDS * 1000), (EPOCH_SECONDS + 0xffffffff) * 1000);
  const seconds = BigInt(Math.floor(ms / 1000) - EPOCH_SECONDS);
  return encode((seconds << 128n) | (BigInt(ms % 1000) << 118n));
}

/** Rows created at `time` or later have ids from this one on. */
export const firstIdFrom = (time: Date): string => firstIdAt(new Date(time.getTime() - ID_SKEW_MS));

/** Rows created before `time` have lesser ids than this one. */
export const endOfIdsBefore = (time: Date): string => firstIdAt(new Date(time.getTime() + ID_SKEW_MS));

export const attemptId = (deliveryId: string, number: number): string => encode(decode(deliveryId) + BigInt(number));

/** The delivery and the number in an attempt's id; the number is 0 when the id is not an attempt's. */
export function parseAttemptId(id: string): { deliveryId: string; number: number } {
  const bits = decode(id);
  return { deliveryId: encode(bits & ~ATTEMPT_MASK), number: Number(bits & ATTEMPT_MASK) };
}

function decode(id: string): bigint {
  let value = 0n;
  for (const character of id) value = value * 62n + BigInt(ALPHABET.indexOf(character));
  return value;
}

function encode(value: bigint): string {
  let text = '';
  for (let rest = value; text.length < LENGTH; rest /= 62n) text = ALPHABET[Number(rest % 62n)]! + text;
  return text;
}

/** Base62 of a 160-bit number by long division in place: ten times faster than BigInt, which counts on the hot path. */
function encodeWords(words: Uint32Array): string {
  let text = '';
  for (let position = 0; position < LENGTH; position++) {
    let remainder = 0;
    for (let index = 0; index < words.length; index++) {
      const value = remainder * 0x1_0000_0000 + words[index]!;
      const quotient = Math.floor(value / 62);
      words[index] = quotient;
      remainder = value - quotient * 62;
    }
    text = ALPHABET[remainder]! + text;
  }
  return text;
}
