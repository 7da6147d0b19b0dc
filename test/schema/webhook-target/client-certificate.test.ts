import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { clientPem } from '../../support/certificates/client-certificates.ts';
import { setup } from '../setup.ts';

const FIELDS = 'clientCertificate { subject issuer serialNumber fingerprintSha256 notBefore notAfter }';
const CREATE = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id ${FIELDS} } userErrors { code field message } }
}`;
const UPDATE = `mutation ($input: UpdateWebhookTargetInput!) {
  updateWebhookTarget(input: $input) { target { ${FIELDS} } userErrors { code field } }
}`;
const READ = `query ($id: ID!) { webhookTarget(id: $id) { ${FIELDS} } }`;

const leaf = new X509Certificate(clientPem('chained').certificatePem);
const SHOWN = {
  subject: 'O=Hookcast test, CN=chained',
  issuer: 'O=Hookcast test, CN=intermediate',
  serialNumber: leaf.serialNumber,
  fingerprintSha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
  notBefore: '2020-01-01T00:00:00.000Z',
  notAfter: '2076-01-01T00:00:00.000Z',
};

async function setupTarget() {
  const t = await setup();
  const input = { url: 'https://example.com/hook', clientCertificate: clientPem('chained') };
  const { createWebhookTarget } = await t.query(CREATE, { input });
  const { id } = createWebhookTarget.target as { id: string };
  return Object.assign(t, {
    created: createWebhookTarget,
    id,
    read: async (caller = t.member) => (await t.query(READ, { id }, caller)).webhookTarget?.clientCertificate,
    update: async (more: object) => (await t.query(UPDATE, { input: { id, ...more } })).updateWebhookTarget,
  });
}

test('a certificate is shown to all who may read the target, as its receiver sees it', async () => {
  await using t = await setupTarget();
  expect(t.created).toEqual({ target: { id: t.id, clientCertificate: SHOWN }, userErrors: [] });
  expect(await t.read()).toEqual(SHOWN);
  expect(await t.read(await t.caller(t.own, ['TARGETS_READ']))).toEqual(SHOWN);
  expect(await t.read(t.stranger)).toBeUndefined();
});

test('the schema has no field that returns a private key', async () => {
  await using t = await setup();
  const { __type } = await t.query('{ __type(name: "ClientCertificate") { fields { name } } }');
  const names = (__type.fields as { name: string }[]).map(({ name }) => name);
  expect(names.sort()).toEqual(Object.keys(SHOWN).sort());
});

test('an update replaces it, null takes it away, and a change of something else keeps it', async () => {
  await using t = await setupTarget();
  expect((await t.update({ name: 'new' })).target).toEqual({ clientCertificate: SHOWN });
  const replaced = await t.update({ clientCertificate: clientPem('rsa') });
  expect(replaced.target.clientCertificate).toMatchObject({ subject: 'O=Hookcast test, CN=rsa' });
  expect((await t.update({ clientCertificate: null })).target).toEqual({ clientCertificate: null });
});

test('each error has the path of its field, and nothing of either text', async () => {
  await using t = await setupTarget();
  const [{ certificatePem }, { privateKeyPem }] = [clientPem('expired'), clientPem('rsa')];
  const inputs = [
    { certificatePem, privateKeyPem: clientPem('expired').privateKeyPem },
    { certificatePem: privateKeyPem, privateKeyPem: certificatePem },
    { certificatePem: clientPem('ec').certificatePem, privateKeyPem },
  ];
  const found: string[][] = [];
  for (const clientCertificate of inputs) {
    const { createWebhookTarget } = await t.query(CREATE, {
      input: { url: 'https://example.com/hook', clientCertificate },
    });
    const { target, userErrors } = createWebhookTarget;
    expect(target).toBeNull();
    found.push(userErrors.map(({ code, field }: { code: string; field: string[] }) => `${code} ${field.join('.')}`));
    for (const line of [certificatePem, privateKeyPem].flatMap((pem) => pem.split('\n').slice(1, -2))) {
      expect(JSON.stringify(userErrors)).not.toContain(line);
    }
  }
  const path = 'INVALID input.clientCertificate';
  expect(found).toEqual([
    [`${path}.certificatePem`],
    [`${path}.certificatePem`, `${path}.privateKeyPem`],
    [`${path}.privateKeyPem`],
  ]);
});

test('certificates of many targets in a list are read by one statement, and none where no target has one', async () => {
  await using t = await setupTarget();
  const list = `{ webhookTargets { nodes { ${FIELDS} } } }`;
  const count = () => t.statements.filter((text) => text.includes('from target_certificates')).length;
  await t.fixtures.target({ organizationId: t.own });
  await t.query(CREATE, { input: { url: 'https://example.com/hook', clientCertificate: clientPem('ec') } });
  t.statements.length = 0;
  const { webhookTargets } = await t.query(list);
  expect(
    webhookTargets.nodes.map((each: { clientCertificate: object | null }) => each.clientCertificate === null),
  ).toEqual([false, true, false]);
  expect(count()).toBe(1);
  await t.query(list, {}, t.stranger);
  expect(count()).toBe(1);
});
