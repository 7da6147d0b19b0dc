import { expect, test } from 'vitest';
import {
  beginOf,
  beginsOf,
  readAttemptRequest,
  writeAttemptRequest,
} from '../../../src/domain/signing/attempt-request.ts';

const REQUEST = {
  destinationId: '9sXc0Vt2k1Qa_wE3',
  number: 3,
  timestamp: 1_764_388_800,
  connection: 'keep-alive',
  signature: '3q2+7wAA',
  signatures: 'v1a,kY0bTz9d v1a,AAAA/BBB v1,Zm9vYmFy',
} as const;

test.each([
  ['of several keys and secrets', REQUEST],
  ['on a connection of its own', { ...REQUEST, connection: 'close' } as const],
  ['that was never sent', { ...REQUEST, connection: null }],
  ['to a target without a secret', { ...REQUEST, signatures: 'v1a,kY0bTz9d' }],
])('a request %s is read as it was written', (_, request) => {
  expect(readAttemptRequest(writeAttemptRequest(request))).toEqual(request);
});

test('with one signing key and one secret it takes 74 bytes', () => {
  const text = writeAttemptRequest({ ...REQUEST, signatures: 'v1a,kY0bTz9d v1,Zm9vYmFy' });
  expect(Buffer.byteLength(text)).toBe(74);
});

test('of a signature 8 characters are kept, which verify nothing', () => {
  const signature = Buffer.alloc(64, 7).toString('base64');
  expect(beginOf(signature)).toBe(signature.slice(0, 8));
  expect(beginsOf(`v1a,${signature} v1,${signature}`)).toBe(`v1a,${signature.slice(0, 8)} v1,${signature.slice(0, 8)}`);
});
