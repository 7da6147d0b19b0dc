/** What strangers make of a request that they saw. Every receiver that holds a secret and public keys refuses each of them. */
import type { ReceivedRequest } from '../receiver.ts';

export type Sent = {
  /** A header that is undefined is not sent. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string | Buffer;
};

const STANDARD = { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined };
const ALONE = { 'x-webhook-timestamp': undefined, 'x-webhook-signature': undefined };

/** The request with one header family only: X-Webhook-Timestamp and X-Webhook-Signature. */
export const withoutStandard = ({ headers, body }: ReceivedRequest): Sent => ({
  headers: { ...(headers as Sent['headers']), ...STANDARD },
  body,
});

/** Forged requests, each with what was done to it. */
export function forge({ headers: received, body }: ReceivedRequest): readonly (readonly [what: string, sent: Sent])[] {
  const headers = received as Sent['headers'];
  const text = body.toString();
  const list = headers['webhook-signature']!.split(' ');
  const of = (version: string) => list.filter((entry) => entry.startsWith(`${version},`)).join(' ');
  const change = (changed: Sent['headers']): Sent => ({ headers: { ...headers, ...changed }, body });
  const at = (timestamp: string) => change({ 'webhook-timestamp': timestamp, 'x-webhook-timestamp': timestamp });
  const later = (seconds: number) => at(String(Number(headers['webhook-timestamp']) + seconds));
  /** The signature by the secret is genuine, those by the key are not. */
  const bySomebody = (signature: string) =>
    change({ 'webhook-signature': `${of('v1')} v1a,${signature}`, 'x-webhook-signature': signature });
  const exchange = (entry: string) => (entry.startsWith('v1,') ? `v1a${entry.slice(2)}` : `v1${entry.slice(3)}`);
  const bytes = (count: number, fill: number) => Buffer.alloc(count, fill).toString('base64');
  return [
    ['another body', { headers, body: text.replace('1000.00', '9000.00') }],
    ['a body written anew', { headers, body: JSON.stringify(JSON.parse(text), null, 1) }],
    ['no body', { headers, body: '' }],
    ['a later timestamp', later(1)],
    ['an old timestamp', later(-1_000)],
    ['a timestamp to come', later(1_000)],
    ['a timestamp that is not a number', at('now')],
    ['a timestamp of many digits', at('9'.repeat(40))],
    ['no timestamp', at('')],
    ['another id', { headers: { ...headers, 'webhook-id': 'other', ...ALONE }, body }],
    ['no signature by the secret', change({ 'webhook-signature': of('v1a') })],
    ['no signature by the key', change({ 'webhook-signature': of('v1'), ...ALONE })],
    ['the versions exchanged', change({ 'webhook-signature': list.map(exchange).join(' '), ...ALONE })],
    ['signatures with commas between them', change({ 'webhook-signature': list.join(','), ...ALONE })],
    ['one header family alone', withoutStandard({ headers: received, body } as ReceivedRequest)],
    ['no signature at all', change({ ...STANDARD, ...ALONE })],
    ['a signature of zeros', bySomebody(bytes(64, 0))],
    ['a signature whose number is too large', bySomebody(bytes(64, 255))],
    ['a signature of 63 bytes', bySomebody(bytes(63, 1))],
    ['a signature of 65 bytes', bySomebody(bytes(65, 1))],
    ['an empty signature', bySomebody('')],
    ['a signature that is not base64', bySomebody('%%%ä')],
  ];
}
