/** The client certificate of a target in the database: sealed, replaced, taken away. */
import { expect, test } from 'vitest';
import type { Result } from '../../../src/errors.ts';
import { openCertificate } from '../../../src/domain/targets/certificates/sealed-certificate.ts';
import { clientPem, type ClientName } from '../../support/certificates/client-certificates.ts';
import { setup } from '../targets-setup.ts';

const url = 'https://example.com/webhooks/receive';
const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
  return result.value;
};

async function setupCertificate(name: ClientName = 'ec') {
  const t = await setup();
  const { targetId } = value(await t.targets.create(t.member, { url, clientCertificate: clientPem(name) }));
  return Object.assign(t, {
    targetId,
    update: (input: object) => t.targets.update(t.member, { id: targetId, ...input }),
    row: async () => (await t.rowsOf('select * from target_certificates'))[0],
    version: async () => (await t.target(targetId))!.certificateVersion,
    audited: () => t.rowsOf('select before, after from audit_log order by id'),
  });
}

test('certificate and key are stored sealed, for this target alone', async () => {
  await using t = await setupCertificate();
  const { sealed } = await t.row();
  const owner = { id: t.targetId, organizationId: t.own.id };
  const { certificatePem, privateKeyPem } = clientPem('ec');
  expect(openCertificate(t.seal, owner, sealed)).toEqual({ chainPem: certificatePem, keyPem: privateKeyPem });
  for (const part of [privateKeyPem, certificatePem].flatMap((pem) => pem.split('\n').slice(1, -2))) {
    expect(sealed.toString('latin1')).not.toContain(part);
  }
  const other = value(await t.targets.create(t.member, { url }));
  for (const wrong of [
    { id: other.targetId, organizationId: t.own.id },
    { id: t.targetId, organizationId: t.other.id },
  ]) {
    expect(() => openCertificate(t.seal, wrong, sealed)).toThrow('sealed for another place');
  }
});

test('what a receiver sees of it is stored beside it', async () => {
  await using t = await setupCertificate('chained');
  expect(await t.row()).toMatchObject({
    target_id: t.targetId,
    version: await t.version(),
    subject: 'O=Hookcast test, CN=chained',
    issuer: 'O=Hookcast test, CN=intermediate',
    not_after: new Date('2076-01-01T00:00:00Z'),
    warned_days: null,
  });
});

test('a change without a certificate keeps it, another one gets another version, null takes it away', async () => {
  await using t = await setupCertificate();
  const [row, first] = [await t.row(), await t.version()];
  t.rings.length = 0;
  value(await t.update({ name: 'new' }));
  expect([await t.row(), await t.version(), t.rings]).toEqual([row, first, []]);
  value(await t.update({ clientCertificate: clientPem('rsa') }));
  const second = await t.version();
  expect(second).not.toBe(first);
  expect(await t.row()).toMatchObject({ version: second, subject: 'O=Hookcast test, CN=rsa' });
  value(await t.update({ clientCertificate: clientPem('rsa') }));
  expect(await t.version()).not.toBe(second);
  value(await t.update({ clientCertificate: null }));
  expect([await t.row(), await t.version()]).toEqual([undefined, null]);
  value(await t.update({ clientCertificate: null }));
  expect(t.rings).toEqual(['certificates', 'certificates', 'certificates']);
});

test('a deletion erases it, and tells the workers', async () => {
  await using t = await setupCertificate();
  t.rings.length = 0;
  value(await t.targets.remove(t.member, { id: t.targetId }));
  expect([await t.row(), await t.version()]).toEqual([undefined, null]);
  expect(t.rings).toContain('certificates');
});

test('a certificate that is not good changes nothing, by a creation or a change', async () => {
  await using t = await setupCertificate();
  const before = [await t.everything(), await t.row()];
  const clientCertificate = { ...clientPem('expired'), privateKeyPem: 'none' };
  const refused = ['INVALID input.clientCertificate.certificatePem', 'INVALID input.clientCertificate.privateKeyPem'];
  expect(codes(await t.targets.create(t.member, { url, clientCertificate }))).toEqual(refused);
  expect(codes(await t.update({ clientCertificate }))).toEqual(refused);
  expect([await t.everything(), await t.row()]).toEqual(before);
});

test('the audit log shows which certificate, and nothing of the key', async () => {
  await using t = await setupCertificate();
  value(await t.update({ name: 'same certificate' }));
  value(await t.update({ clientCertificate: clientPem('rsa') }));
  value(await t.update({ clientCertificate: null }));
  const shown = (name: ClientName) => ({
    subject: `O=Hookcast test, CN=${name}`,
    fingerprintSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    notAfter: '2076-01-01T00:00:00.000Z',
  });
  const entries = await t.audited();
  expect(entries).toMatchObject([
    { before: null, after: { clientCertificate: shown('ec') } },
    { after: { name: 'same certificate' } },
    { before: { clientCertificate: shown('ec') }, after: { clientCertificate: shown('rsa') } },
    { before: { clientCertificate: shown('rsa') }, after: { clientCertificate: null } },
  ]);
  expect(entries[1]!.after).not.toHaveProperty('clientCertificate');
  expect(JSON.stringify(entries)).not.toContain('BEGIN');
});
