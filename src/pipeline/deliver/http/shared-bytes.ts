/**
 * The bytes of large bodies that are being sent. Many targets get the same body, and a slow target may leave all of it in memory
 * until its deadline: 2,048 requests with one body of 256 KiB hold 256 KiB, and with a copy each they would hold 512 MiB.
 */
export type SharedBytes = {
  /** What to send: the text itself where it is small, because then a copy costs less than looking for one. */
  take(body: string): string | Buffer;
  /** The request that took the body is over. Once for each `take`. */
  give(body: string): void;
};

const SMALL_CHARACTERS = 4_096;

export function createSharedBytes(): SharedBytes {
  const shared = new Map<string, { readonly bytes: Buffer; takers: number }>();
  return {
    take(body) {
      if (body.length <= SMALL_CHARACTERS) return body;
      const known = shared.get(body) ?? { bytes: Buffer.from(body), takers: 0 };
      if (known.takers++ === 0) shared.set(body, known);
      return known.bytes;
    },
    give(body) {
      const known = shared.get(body);
      if (known && --known.takers === 0) shared.delete(body);
    },
  };
}
