/**
 * The bytes of one response, on their way from the socket to the HTTP client.
 *
 *     status line ──1xx──▶ interim head ──its end──▶ status line …
 *          └──anything else──▶ the rest, which is only counted
 *
 * `100 Continue` may come unasked (RFC 9110, 15.2), as 102 and 103 may. undici takes those two and ends the connection at
 * a 100, so a 100 becomes a 102 here. It also takes `Connection: close` in an interim head for the end of the connection,
 * before the answer has come. Nobody reads the headers of an interim response, so the first letter of each name becomes
 * an x here.
 *
 * The receiver could have sent these bytes itself: nothing new can be said to the client in this way, and all its limits
 * (size of a head, number of interim responses, time) hold as before.
 */
export type Received = {
  /** How many bytes came: all heads and the body together. */
  readonly bytes: number;
  /** Takes what was just read, before the client gets it, and changes it in place. */
  take(piece: Buffer): void;
  /** Begins the next response: the last one is over. */
  begin(): void;
  /** The part of the last head that has come, so that an error can say what is wrong with it. Latin-1, 16 KiB at most. */
  head(): string;
};

/** `#` is a digit. The number of the version is the client's business. */
const INTERIM_LINE = 'HTTP/#.# 1##';
/** 101 leaves HTTP for another protocol: the client must see it unchanged, and refuses it. */
const SWITCHING_PROTOCOLS = '101';
const CONTINUE = '100';
const STATUS_AT = INTERIM_LINE.indexOf('1');
const HEAD_END = '\r\n\r\n';
const LINE_END_LENGTH = 2;
/** The most bytes of one head: as many as the client takes. */
const MAX_HEAD_BYTES = 16_384;

const [ZERO, TWO, NINE, CR, LF, X] = [0x30, 0x32, 0x39, 0x0d, 0x0a, 0x78];

export function createReceived(): Received {
  let bytes = 0;
  let place: 'line' | 'interim' | 'rest' = 'line';
  /** How many characters of INTERIM_LINE, or of HEAD_END, the last bytes match. */
  let matched = 0;
  let status = '';
  let pieces: Buffer[] = [];
  let headBytes = 0;

  function begin(): void {
    bytes = 0;
    expectLine();
  }

  function expectLine(): void {
    place = 'line';
    matched = 0;
    status = '';
    pieces = [];
    headBytes = 0;
  }

  function take(piece: Buffer): void {
    bytes += piece.length;
    let start = 0;
    for (let at = 0; at < piece.length && place !== 'rest'; at++) {
      if (place === 'line') readLine(piece, at);
      else if (readInterim(piece, at)) {
        expectLine();
        start = at + 1;
      }
    }
    keep(piece.subarray(start));
  }

  function readLine(piece: Buffer, at: number): void {
    const byte = piece[at]!;
    // The client skips line breaks before a response.
    if (matched === 0 && (byte === CR || byte === LF)) return;
    if (!fits(byte, INTERIM_LINE, matched)) {
      place = 'rest';
      return;
    }
    matched += 1;
    if (matched > STATUS_AT) status += String.fromCharCode(byte);
    if (matched < INTERIM_LINE.length) return;
    if (status === CONTINUE) piece[at] = TWO;
    place = status === SWITCHING_PROTOCOLS ? 'rest' : 'interim';
    matched = 0;
  }

  /** Reads a byte of an interim head; true at its last byte. */
  function readInterim(piece: Buffer, at: number): boolean {
    const byte = piece[at]!;
    const isLineStart = matched === LINE_END_LENGTH;
    if (isLineStart && isLetter(byte)) piece[at] = X;
    if (byte === HEAD_END.charCodeAt(matched)) matched += 1;
    else matched = byte === CR ? 1 : 0;
    return matched === HEAD_END.length;
  }

  function keep(piece: Buffer): void {
    if (headBytes >= MAX_HEAD_BYTES || piece.length === 0) return;
    pieces.push(piece);
    headBytes += piece.length;
  }

  return {
    get bytes() {
      return bytes;
    },
    take,
    begin,
    head: () => Buffer.concat(pieces).toString('latin1', 0, MAX_HEAD_BYTES).split(HEAD_END, 1)[0]!,
  };
}

const isLetter = (byte: number): boolean => /[a-z]/i.test(String.fromCharCode(byte));

function fits(byte: number, pattern: string, index: number): boolean {
  return pattern[index] === '#' ? byte >= ZERO && byte <= NINE : byte === pattern.charCodeAt(index);
}
