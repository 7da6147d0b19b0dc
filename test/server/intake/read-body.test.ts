import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createBodyBudget } from '../../../src/server/intake/body-budget.ts';
import { readBody } from '../../../src/server/intake/read-body.ts';
import { callerOf } from '../setup.ts';

const MIB = 1_024 * 1_024;
const timing = { strangerBodyMs: 10_000, restMs: 1_000, refusalMs: 1_000 };

/** A server that reads one body. `left`: bytes of its chunks that are in memory after each was read. */
async function receive(body: Buffer, { isChunked = false } = {}) {
  const caller = { ...callerOf('key1'), scopes: new Set(['EVENTS_PUBLISH'] as const) };
  const budget = createBodyBudget(64 * MIB);
  const read = Promise.withResolvers<Buffer>();
  const left: number[] = [];
  await using server = createServer((request, response) => {
    const bytes = budget.open(caller.organizationId);
    readBody({ request, response, caller, bytes, timing }).then(read.resolve, read.reject);
    request.on('data', (chunk: Buffer) => void left.push(chunk.length));
    request.on('end', () => response.end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const parts = Array.from({ length: Math.ceil(body.length / 50_000) }, (_, nth) =>
    body.subarray(nth * 50_000, (nth + 1) * 50_000),
  );
  const sent = isChunked ? { body: Readable.toWeb(Readable.from(parts)) as BodyInit, duplex: 'half' } : { body };
  await (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', ...sent } as RequestInit)).text();
  return { body: await read.promise, left };
}

const bodyOf = (size: number): Buffer => Buffer.from(Uint8Array.from({ length: size }, (_, nth) => (nth * 31) % 251));

test.each([0, 1, 65_536, 128 * 1_024, 128 * 1_024 + 1, 1_000_003, 8 * MIB])(
  'a body of %i bytes is read as it was sent, with its length announced and without',
  async (size) => {
    const sent = bodyOf(size);
    for (const isChunked of [false, true]) {
      const { body } = await receive(sent, { isChunked });
      expect(body.equals(sent)).toBe(true);
    }
  },
);

test('a chunk of a large body is out of memory as soon as it is copied', async () => {
  const { left } = await receive(bodyOf(4 * MIB));
  expect(left.length).toBeGreaterThan(60);
  expect(left.slice(4).every((bytes) => bytes === 0)).toBe(true);
});
