/** The dialogue with a SOCKS5 proxy (RFC 1928), with a user name and password (RFC 1929) where they are set. */
import { addressBytes } from '../../../../domain/targets/address.ts';
import type { EgressProxy } from '../../../../domain/targets/egress-proxy.ts';
import { ProxyTrouble, type Dialogue } from './dialogue.ts';
import type { TunnelEnd } from './http-connect.ts';

const VERSION = 5;
const NO_LOGIN = 0;
const PASSWORD = 2;
const CONNECT = 1;
const DOMAIN = 3;
/** The kind of an address, by its bytes. */
const KINDS: Readonly<Record<number, number>> = { 4: 1, 16: 4 };

/** Why a tunnel is refused (RFC 1928, 6). */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'does not allow this connection',
  3: 'has no route to its network',
  4: 'has no route to it',
  5: 'was refused the connection',
  6: 'had its packets expire on the way',
  8: 'does not connect to such an address',
};

/** Logs in. A proxy that does not answer here has not been told yet where the tunnel leads. */
export async function greetSocks5(dialogue: Dialogue, credentials: EgressProxy['credentials']): Promise<void> {
  const offered = credentials ? [NO_LOGIN, PASSWORD] : [NO_LOGIN];
  dialogue.say(Buffer.from([VERSION, offered.length, ...offered]));
  const [version, method] = await dialogue.hear(twoBytes);
  if (version !== VERSION) throw notSocks5();
  if (method === NO_LOGIN) return;
  if (method !== PASSWORD || !credentials) {
    const has = credentials ? 'takes neither a password nor none' : 'asks for credentials, and the service has none';
    throw new ProxyTrouble('fault', has);
  }
  const [username, password] = [Buffer.from(credentials.username), Buffer.from(credentials.password)];
  dialogue.say(Buffer.concat([Buffer.from([1, username.length]), username, Buffer.from([password.length]), password]));
  const [, status] = await dialogue.hear(twoBytes);
  if (status !== 0) throw new ProxyTrouble('fault', 'refused the credentials of the service');
}

/** Asks for a tunnel. Resolves when it is open. */
export async function connectBySocks5(dialogue: Dialogue, { host, port }: TunnelEnd): Promise<void> {
  const address = addressBytes(host);
  const name = Buffer.from(host);
  const place = address
    ? Buffer.concat([Buffer.from([KINDS[address.length]!]), address])
    : Buffer.concat([Buffer.from([DOMAIN, name.length]), name]);
  dialogue.ask(Buffer.concat([Buffer.from([VERSION, CONNECT, 0]), place, Buffer.from([port >> 8, port & 0xff])]));
  const [, reply] = await dialogue.hear(lengthOfReply);
  if (reply === 0) return;
  const refusal = REFUSALS[reply!];
  if (refusal === undefined) throw new ProxyTrouble('fault', `answered with the SOCKS reply ${reply}`);
  throw new ProxyTrouble('refusal', `${refusal} (SOCKS reply ${reply})`);
}

function twoBytes(bytes: Buffer): number | undefined {
  return bytes.length < 2 ? undefined : 2;
}

/** A refusal counts as soon as it is known: some proxies send nothing after it. */
function lengthOfReply(bytes: Buffer): number | undefined {
  const [version, reply, , kind, first] = bytes;
  if (version !== VERSION) throw notSocks5();
  if (reply !== undefined && reply !== 0) return bytes.length;
  if (first === undefined) return undefined;
  const addressLength = kind === DOMAIN ? 1 + first : kind === KINDS[4] ? 4 : 16;
  const length = 4 + addressLength + 2;
  return bytes.length < length ? undefined : length;
}

const notSocks5 = () => new ProxyTrouble('fault', 'answered with something that is not SOCKS5');
