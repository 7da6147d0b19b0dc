/** A small name server: answers A and AAAA questions over UDP from a table, aliases included. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import type { Records } from './forbidden.ts';

const TYPES = { A: 1, CNAME: 5, AAAA: 28 } as const;
const CLASS_INTERNET = 1;
const NO_SUCH_NAME = 3;
const REFUSED = 5;
const HEADER_BYTES = 12;

export type NameServer = AsyncDisposable & { readonly questionCount: number; readonly port: number };

/** What is asked for: the records, undefined for no such name, or the data of one record as it is, however wrong; or a refusal. */
export type Answer = Records | undefined | { readonly malformed: Buffer } | 'REFUSED';

type NameServerOptions = {
  /** Default: 53. 0: any free one. */
  readonly port?: number;
  /** Default: every address. */
  readonly address?: string;
};

export async function startNameServer(
  answer: (name: string, question: string) => Answer | Promise<Answer>,
  { port = 53, address = '::' }: NameServerOptions = {},
): Promise<NameServer> {
  const socket = dgram.createSocket({ type: address.includes(':') ? 'udp6' : 'udp4' });
  let questionCount = 0;
  socket.on('message', async (message, from) => {
    questionCount++;
    const { name, type, bytes } = readQuestion(message);
    const given = await answer(name, String(type));
    const records = given === 'REFUSED' ? undefined : given;
    const code = given === 'REFUSED' ? REFUSED : given ? 0 : NO_SUCH_NAME;
    const lines = !records
      ? []
      : 'malformed' in records
        ? [resourceRecord(name, type, records.malformed)]
        : toResourceRecords(name, type, records);
    const header = Buffer.alloc(HEADER_BYTES);
    message.copy(header, 0, 0, 2); // The id.
    header.writeUInt16BE(0x8180 | code, 2); // A response, recursion desired and available.
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(lines.length, 6);
    socket.send(Buffer.concat([header, bytes, ...lines]), from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return {
    get questionCount() {
      return questionCount;
    },
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

function readQuestion(message: Buffer) {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const end = at + 5; // The root label, type and class.
  return {
    name: labels.join('.').toLowerCase(),
    type: message.readUInt16BE(at + 1),
    bytes: message.subarray(HEADER_BYTES, end),
  };
}

/** The whole chain of aliases, then the addresses of its last name. */
function toResourceRecords(name: string, type: number, { cname = [], a = [], aaaa = [] }: Records): Buffer[] {
  const owners = [name, ...cname];
  const addresses = type === TYPES.A ? a : type === TYPES.AAAA ? aaaa : [];
  return [
    ...cname.map((alias, index) => resourceRecord(owners[index]!, TYPES.CNAME, encodeName(alias))),
    ...addresses.map((address) => resourceRecord(owners.at(-1)!, type, encodeAddress(address))),
  ];
}

function resourceRecord(owner: string, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10); // Type, class, a time to live of 0, length.
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(CLASS_INTERNET, 2);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(owner), fixed, data]);
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function encodeAddress(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const { hostname } = new URL(`http://[${address}]/`); // In hexadecimal groups only.
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const groups = [...before!, ...Array<string>(8 - before!.length - after!.length).fill('0'), ...after!];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
