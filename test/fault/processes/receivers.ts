/** Hundreds of receivers, nearly all of them hostile, in a process of their own: what they pour is not the sender's memory. */
import { certificates } from '../../support/certificates/certificates.ts';
import {
  answer,
  answerAndReset,
  drip,
  flood,
  gzipBomb,
  hang,
  resetOnConnect,
  startHostile,
  type Behaviour,
} from '../../support/network/hostile.ts';
import { startReceiver } from '../../support/receiver.ts';

/** How the attempts at a receiver are to end: an outcome class, or a status. */
export type Listed = { readonly what: string; readonly url: string; readonly expected: string };

export type Receivers = { readonly healthyUrl: string; readonly hostile: readonly Listed[] };

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const { expired, wrongHost, selfSigned } = certificates;

type Kind = {
  readonly what: string;
  readonly act: Behaviour;
  readonly expected: string;
  readonly certificate?: () => object;
};

const KINDS: readonly Kind[] = [
  { what: 'hangs', act: hang, expected: 'TIMEOUT' },
  { what: 'drips headers', act: drip(OK, 'a: b\r\n'), expected: 'TIMEOUT' },
  { what: 'drips a body', act: drip(`${OK}\r\n`, 'x'), expected: 'TIMEOUT' },
  {
    what: 'drips interim responses',
    act: drip('', 'HTTP/1.1 102 Processing\r\n\r\n'),
    expected: 'TIMEOUT|CONNECTION_ERROR',
  },
  { what: 'floods with headers', act: flood(OK, 'a: b\r\n'), expected: 'CONNECTION_ERROR' },
  { what: 'floods with one header', act: flood(`${OK}a: `, 'b'), expected: 'CONNECTION_ERROR' },
  { what: 'floods with interim responses', act: flood('', 'HTTP/1.1 103 Hints\r\n\r\n'), expected: 'CONNECTION_ERROR' },
  { what: 'floods with 100', act: flood('', 'HTTP/1.1 100 Continue\r\n\r\n'), expected: 'CONNECTION_ERROR' },
  { what: 'floods with headers of a 100', act: flood('HTTP/1.1 100 a\r\n', 'a: b\r\n'), expected: 'CONNECTION_ERROR' },
  { what: 'drips headers of a 100', act: drip('HTTP/1.1 100 a\r\n', 'a: b\r\n'), expected: 'TIMEOUT' },
  {
    what: 'answers after a 100',
    act: answer(`HTTP/1.1 100 a\r\n\r\n${OK}content-length: 0\r\n\r\n`),
    expected: '200',
  },
  { what: 'floods with a body', act: flood(`${OK}\r\n`, 'x'), expected: '200' },
  { what: 'floods with chunks', act: flood(CHUNKED, '1\r\nx\r\n'), expected: '200' },
  { what: 'floods with a chunk extension', act: flood(`${CHUNKED}1;`, 'x'), expected: 'CONNECTION_ERROR' },
  { what: 'floods with a status text', act: flood('HTTP/1.1 200 ', 'x'), expected: 'CONNECTION_ERROR' },
  { what: 'floods with line breaks', act: flood('', '\r\n'), expected: 'CONNECTION_ERROR' },
  { what: 'sends a gzip bomb', act: gzipBomb(), expected: '200' },
  { what: 'resets at once', act: resetOnConnect, expected: 'CONNECTION_ERROR' },
  { what: 'resets in the headers', act: answerAndReset(`${OK}content-le`), expected: 'CONNECTION_ERROR' },
  { what: 'answers garbage', act: answer('\x16\x03\x01\x02\x00\x01\x00'), expected: 'CONNECTION_ERROR' },
  { what: 'answers twice', act: answer(`${OK}content-length: 0\r\n\r\nHTTP/1.1 500 No\r\n\r\n`), expected: '200' },
  { what: 'shows an expired certificate', act: hang, expected: 'TLS_ERROR', certificate: expired },
  { what: 'shows the certificate of another', act: hang, expected: 'TLS_ERROR', certificate: wrongHost },
  { what: 'shows a certificate of its own', act: hang, expected: 'TLS_ERROR', certificate: selfSigned },
];

const count = Number(process.argv[2]);
const hostile = await Promise.all(
  Array.from({ length: count }, async (_, index): Promise<Listed> => {
    const { what, act, expected, certificate } = KINDS[index % KINDS.length]!;
    const options = certificate ? { certificate: certificate() as ReturnType<typeof expired> } : {};
    return { what, expected, url: (await startHostile(act, options)).url };
  }),
);
const healthy = await startReceiver();
process.send!({ healthyUrl: healthy.url, hostile } satisfies Receivers);
process.on('disconnect', () => process.exit());
