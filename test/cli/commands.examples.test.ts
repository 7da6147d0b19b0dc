/** Every example of every --help does what it says, in a shell, with a real service. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMANDS, loadCommands } from '../../src/cli/commands.ts';
import { systemClock } from '../../src/clock.ts';
import { connectDatabase } from '../../src/database/client.ts';
import { MASTER_KEY } from '../support/cli.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { createFolder, type Folder } from '../support/processes/reaper.ts';
import { QUICK_START, runProcess, startProcess } from '../support/processes/start.ts';
import { startReceiver, type Receiver } from '../support/receiver.ts';
import { API_KEY, callApi, startService, type Service } from '../support/service.ts';

const CLI = new URL('../../src/cli.ts', import.meta.url).pathname;
/** The id in all examples. */
const EXAMPLE_ID = '31TgvvT3Gk9Xb0Zc4r8hQm2LwPe';
const SERVE_PORT = /"url":"(http:[^"]+)"/;

type Example = { readonly command: string; readonly line: string };

const examples: readonly Example[] = [...(await loadCommands())].flatMap(([command, { help }]) => {
  const [, lines = ''] = /^Examples?:\n((?:  .+\n?)+)/m.exec(help) ?? [];
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ command, line: line.trim() }));
});

/** These go on until somebody stops them, which is right as soon as they have written this. */
const GOING_ON: readonly (readonly [RegExp, RegExp])[] = [
  [/hookcast serve/, SERVE_PORT],
  [/hookcast listen (?!--print)/, /public key/],
  [/hookcast deliveries --follow/, /Connected\./],
  [/hookcast signing-keys rotate/, /./],
];

/** Examples that another test runs, because they take long. */
const ELSEWHERE: Readonly<Record<string, string>> = { 'hookcast demo --once': 'demo.test.ts' };

let service: Service;
let receiver: Receiver;
let folder: Folder;
let fixtures: ReturnType<typeof createFixtures>;
let environment: NodeJS.ProcessEnv;
let closeDatabase: () => Promise<void>;
let organizationId: string;

beforeAll(async () => {
  const DATABASE_URL = await createDatabaseUrl();
  [service, receiver, folder] = [
    await startService({ DATABASE_URL }),
    await startReceiver(),
    await createFolder('hookcast-examples-'),
  ];
  const database = connectDatabase({ databaseUrl: DATABASE_URL, connections: 2, onConnectionLost: () => {} });
  closeDatabase = () => database.close();
  fixtures = createFixtures({ database, clock: systemClock });
  const bin = join(folder.path, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'hookcast'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(join(bin, 'hookcast'), 0o755);
  await writeFile(join(folder.path, 'event.json'), '{"status":"done"}');
  for (const name of ['.local/share/bash-completion/completions', '.zsh/completions', '.config/fish/completions']) {
    await mkdir(join(folder.path, name), { recursive: true });
  }
  environment = {
    PATH: `${bin}:${process.env['PATH']}`,
    HOME: folder.path,
    ...QUICK_START,
    ...{ DATABASE_URL, MASTER_KEY, HOST: '127.0.0.1', PORT: '0' },
    ...{ ALLOW_HTTP_TARGETS: 'true', ALLOWED_NETWORKS: '127.0.0.0/8' },
    ...{ HOOKCAST_URL: service.url, HOOKCAST_API_KEY: API_KEY },
  };
  type Data = { viewer: { organization: { id: string } } };
  organizationId = (await callApi<Data>(service.url, '{ viewer { organization { id } } }', {})).viewer.organization.id;
  const create = `mutation { createOrganization(input: { name: "Acme", externalId: "acct_7" }) { userErrors { message } } }`;
  await callApi(service.url, create, {});
}, 90_000);

afterAll(async () => {
  await closeDatabase();
  await service[Symbol.asyncDispose]();
  await receiver.close();
  await folder[Symbol.asyncDispose]();
});

/** An object of the kind that the command takes, for the id in the example. */
async function makeId(command: string): Promise<string> {
  if (command.startsWith('keys')) return (await fixtures.apiKey({ organizationId, scopes: ['EVENTS_READ'] })).id;
  const { id: targetId } = await fixtures.target({ organizationId, url: receiver.url });
  if (!/^replay (show|cancel)/.test(command)) return targetId;
  const now = systemClock.now();
  const createdAt = { gte: new Date(now.getTime() - 3_600_000), lt: now };
  const input = { scope: { mode: 'ALL', targetId, createdAt }, ratePerSecond: 1 };
  const create = `mutation ($input: CreateReplayInput!) { createReplay(input: $input) { replay { id } userErrors { message } } }`;
  type Data = { createReplay: { replay: { id: string } } };
  return (await callApi<Data>(service.url, create, { input })).createReplay.replay.id;
}

/** The line as a reader would adapt it: with their own ids, keys, addresses and settings. */
async function adapt({ command, line }: Example): Promise<string> {
  const id = line.includes(EXAMPLE_ID) ? await makeId(command) : '';
  return line
    .replaceAll(EXAMPLE_ID, id)
    .replaceAll(/\b[A-Z_]+=\S*… /g, '') // The settings are in the environment.
    .replace('https://hooks.example.com', service.origin)
    .replace('https://receiver.example.com/webhooks', receiver.url)
    .replace(/^hookcast health/, `PORT=${new URL(service.url).port} hookcast health`) // Of the service that runs.
    .replaceAll(/\b3000\b/g, String(receiver.port));
}

const hasJq = await runProcess('jq', ['--version']).then(
  () => true,
  () => false,
);

test('every command has an example', () => {
  expect([...COMMANDS.keys()].filter((name) => !examples.some(({ command }) => command === name))).toEqual([]);
});

test.for(examples)('$line', { timeout: 60_000 }, async (example, context) => {
  const elsewhere = ELSEWHERE[example.line];
  if (elsewhere) {
    expect(await readFile(new URL(elsewhere, import.meta.url), 'utf8')).toContain("'--once'");
    return;
  }
  if (example.line.includes('| jq') && !hasJq) context.skip('jq is not installed');
  const line = await adapt(example);
  const input = example.command === 'login' ? API_KEY : '';
  const options = { cwd: folder.path, env: environment };
  const [, sign] = GOING_ON.find(([pattern]) => pattern.test(line)) ?? [];
  if (sign) return runUntil(line, sign);
  const yes = /^hookcast trigger (?!.*--yes)/.test(line) ? ' --yes' : ''; // Nobody can be asked here.
  const { stdout } = await runProcess('sh', ['-c', line + yes], { ...options, input });
  if (!/ > |\| jq|hookcast doctor/.test(line)) expect(() => JSON.parse(stdout)).not.toThrow();
});

/** Runs it until it has written the sign, and stops it as Ctrl-C does. */
async function runUntil(line: string, sign: RegExp): Promise<void> {
  const child = startProcess('sh', ['-c', `exec ${line}`], {
    cwd: folder.path,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let shown = '';
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  const seen = new Promise<void>((resolve) => {
    const look = (chunk: Buffer): void => {
      shown += String(chunk);
      if (sign.test(shown)) resolve();
    };
    child.stdout!.on('data', look);
    child.stderr!.on('data', look);
  });
  await Promise.race([seen, exited]);
  expect(shown).toMatch(sign);
  child.kill('SIGINT');
  await exited;
}
