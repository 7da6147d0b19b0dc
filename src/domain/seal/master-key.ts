/**
 * The text of a master key: 32 random bytes in base64 (RFC 4648, section 4, with its padding).
 *
 * Releases up to 0.1.0 took any text that Node decodes to 32 bytes, and any bytes. So they accepted a key of zeros, and a
 * text with spaces and signs in it, which another program decodes to another key. Such a key still opens what it sealed, as
 * one of MASTER_KEY_PREVIOUS, so that an operator can replace it.
 */
const KEY_BYTES = 32;

const EXPECTED = `expected ${KEY_BYTES} random bytes in base64, as \`openssl rand -base64 32\` writes them`;

const HOW_TO_LEAVE =
  '. Releases up to 0.1.0 accepted this one. To leave it, put it into MASTER_KEY_PREVIOUS as it is and a new key into ' +
  'MASTER_KEY, start, and run `hookcast master-key rotate` with the same settings; its --help has every step';

/** The key that seals. Throws an Error that never quotes the key. */
export function parseMasterKey(text: string): Buffer {
  const key = decode(text);
  if (key === null) throw new Error(`${EXPECTED}, got ${Buffer.from(text, 'base64').length} bytes`);
  const fault = faultOf(text, key);
  if (fault !== null) throw new Error(`${EXPECTED}, got ${fault}${HOW_TO_LEAVE}`);
  return key;
}

/** Keys that only open, separated by commas: whatever MASTER_KEY was allowed to be in any release. */
export function parsePreviousMasterKeys(text: string): Buffer[] {
  const items = text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  const keys = items.map(decode);
  if (keys.every((key) => key !== null)) return keys;
  // A comma could stand in the middle of a key: it was ignored, like every sign outside base64.
  const whole = decode(text);
  if (whole !== null) return [whole];
  const wrong = items[keys.indexOf(null)]!;
  throw new Error(`expected ${KEY_BYTES} bytes in base64, got ${Buffer.from(wrong, 'base64').length} bytes`);
}

/** Decodes like every release; null when the result is not 32 bytes. */
function decode(text: string): Buffer | null {
  const key = Buffer.from(text, 'base64');
  return key.length === KEY_BYTES ? key : null;
}

function faultOf(text: string, key: Buffer): string | null {
  if (/[^A-Za-z0-9+/=]/.test(text)) return 'characters that base64 does not have (it has A-Z a-z 0-9 + / and =)';
  if (key.toString('base64') !== text) return 'a wrong end (32 bytes are 43 characters and one =, without spare bits)';
  if (key.every((byte) => byte === key[0])) return `the same byte ${KEY_BYTES} times, which anybody can guess`;
  return null;
}
