/** The dialogue with an HTTP proxy: CONNECT (RFC 9110, 9.3.6), with Basic credentials (RFC 7617). */
import { isIPv6 } from 'node:net';
import type { EgressProxy } from '../../../../domain/targets/egress-proxy.ts';
import { ProxyTrouble, type Dialogue } from './dialogue.ts';

/** Where the tunnel leads: an address, or a name where the proxy resolves names. */
export type TunnelEnd = { readonly host: string; readonly port: number };

/** Asks for a tunnel. Resolves when it is open: what is sent and received from then on is that of its end. */
export async function connectByHttp(
  dialogue: Dialogue,
  { host, port }: TunnelEnd,
  credentials: EgressProxy['credentials'],
): Promise<void> {
  const authority = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const login = credentials && `${credentials.username}:${credentials.password}`;
  const authorization = login ? `Proxy-Authorization: Basic ${Buffer.from(login).toString('base64')}\r\n` : '';
  dialogue.ask(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization}\r\n`);
  let status = await hearStatus(dialogue);
  while (status < 200) status = await hearStatus(dialogue); // Interim responses: the dialogue bounds their bytes.
  if (status < 300) return;
  if (status !== 407) throw new ProxyTrouble('refusal', `answered ${status}`);
  const wrong = login ? 'refused the credentials of the service' : 'asks for credentials, and the service has none';
  throw new ProxyTrouble('fault', `${wrong} (407)`);
}

async function hearStatus({ hear }: Dialogue): Promise<number> {
  const head = (await hear(lengthOfHead)).toString('latin1');
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)[ \r]/.exec(head)?.[1];
  if (status === undefined) throw notHttp();
  return Number(status);
}

const START = 'HTTP/1.';
const END = '\r\n\r\n';

function lengthOfHead(bytes: Buffer): number | undefined {
  if (!START.startsWith(bytes.subarray(0, START.length).toString('latin1'))) throw notHttp();
  const end = bytes.indexOf(END);
  return end < 0 ? undefined : end + END.length;
}

const notHttp = () => new ProxyTrouble('fault', 'answered with something that is not HTTP');
