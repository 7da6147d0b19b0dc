import { expect, test } from 'vitest';
import { COMMANDS, loadCommands } from '../../src/cli/commands.ts';
import { MASTER_KEY, runCli } from '../support/cli.ts';

const LOCAL_COMMANDS = [
  'serve',
  'health',
  'doctor',
  'migrate',
  'demo',
  'keys create',
  'keys list',
  'keys revoke',
  'catalog export',
  'catalog import',
  'signing-keys list',
  'signing-keys rotate',
  'master-key rotate',
  'repair-dates',
];
/** They talk to a service over its API. */
const REMOTE_COMMANDS = [
  ...['login', 'logout', 'listen', 'trigger', 'deliveries'],
  ...['list', 'create', 'update', 'delete', 'rotate-secret', 'test'].map((name) => `targets ${name}`),
  ...['create', 'list', 'show', 'cancel'].map((name) => `replay ${name}`),
];
const ALL_COMMANDS = [...LOCAL_COMMANDS, ...REMOTE_COMMANDS, 'completion'];
const LOADED = await loadCommands();
const NOWHERE = { DATABASE_URL: 'postgresql://127.0.0.1:1/none', MASTER_KEY };

test('--help lists every command, and the exit codes', async () => {
  expect([...COMMANDS.keys()].toSorted()).toEqual(ALL_COMMANDS.toSorted());
  for (const args of [['--help'], ['help'], ['-h']]) {
    const { exitCode, stdout, stderr } = await runCli(args);
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const command of ALL_COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}  `, 'm'));
    expect(stdout).toContain('Exit codes: 0 done; 1 not done');
  }
});

test.each(ALL_COMMANDS)('the help of %s has its own options, output and an example', (command) => {
  const { help } = LOADED.get(command)!;
  expect(help).toMatch(new RegExp(`^Usage: hookcast ${command}`));
  expect(help).toMatch(/^Examples?:\n  .*hookcast/m);
  for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
});

test.each(ALL_COMMANDS)('%s refuses an option that it does not have, and does nothing', async (command) => {
  const refused = LOADED.get(command)!.run(['--frobnicate'], () => {});
  await expect(refused).rejects.toMatchObject({
    code: expect.stringMatching(/^ERR_PARSE_ARGS/),
    message: expect.stringContaining('--frobnicate'),
  });
});

/** Of each kind: it starts the service, works with the database, talks to a service. */
const SAMPLE = ['serve', 'keys create', 'targets create'];

test.each(SAMPLE)('%s --help prints its help, and does nothing', async (command) => {
  const { exitCode, stdout, stderr } = await runCli([...command.split(' '), '--help'], { environment: NOWHERE });
  expect([exitCode, stdout, stderr]).toEqual([0, `${LOADED.get(command)!.help}\n`, '']);
});

test.each(SAMPLE)('%s with an option that it does not have: 2, and where its help is', async (command) => {
  const { exitCode, stdout, stderr } = await runCli([...command.split(' '), '--frobnicate'], { environment: NOWHERE });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain('--frobnicate');
  expect(stderr).toContain(`hookcast ${command} --help`);
});

test.each([[''], ['frob'], ['keys'], ['keys frob'], ['--frob serve']])('%j is no command: 2', async (line) => {
  const { exitCode, stdout, stderr } = await runCli(line.split(' ').filter(Boolean));
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain('Usage: hookcast <command>');
});

test.each([
  ['keys create', '--scopes: expected'],
  ['keys create --scopes EVENTS', '--scopes: expected some of TARGETS_READ'],
  ['keys create --scopes PLATFORM_ADMIN --rate-limit many', '--rate-limit: expected a whole number, got "many"'],
  ['keys create --scopes PLATFORM_ADMIN --expires soon', '--expires: expected a time such as'],
  ['keys create --scopes PLATFORM_ADMIN --expires 2027-02-31T99:00:00Z', '--expires: expected a time such as'],
  ['keys create --scopes PLATFORM_ADMIN --expires 90y', '--expires: expected a duration such as'],
  ['keys create PLATFORM_ADMIN', 'Unexpected argument "PLATFORM_ADMIN"'],
  ['keys revoke', 'Expected ID'],
  ['catalog import a b', 'Unexpected argument "b"'],
  ['catalog export --format yaml', '--format: expected json or openapi, got "yaml"'],
  ['signing-keys rotate --overlap 1y', '--overlap: expected a duration'],
  [
    'signing-keys rotate --activate-after 45s --overlap 60s',
    '--activate-after: 45s is less than 600s, twice as long as receivers may keep the key set. Receivers that verify ' +
      'X-Webhook-Signature will refuse every request',
  ],
  ['signing-keys rotate --overlap 599s', '--overlap: 599s is less than 600s'],
  ['signing-keys rotate --overlap 0s', 'Nothing was done. Give longer durations, or add --force'],
  ['signing-keys rotate --activate-after 366d', '--activate-after: expected at most 365d'],
  ['repair-dates', '--zone: expected the name of a time zone'],
  ['repair-dates --apply', '--zone: expected the name of a time zone'],
  ['repair-dates --zone Asia/Kolkata --before yesterday', '--before: expected a time such as'],
  ['repair-dates Asia/Kolkata', 'Unexpected argument "Asia/Kolkata"'],
])('%s: 2, and the message names what is wrong', async (line, message) => {
  const { exitCode, stdout, stderr } = await runCli(line.split(' '), { environment: NOWHERE });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

/** Beside demo, which has a database of its own: health asks the service, and the result of doctor is what it finds. */
const WORKING = LOCAL_COMMANDS.filter((command) => !['demo', 'health', 'doctor'].includes(command));

test.each(WORKING)('%s without a usable database: 1, and the message names the setting', async (command) => {
  const needed = {
    'keys create': ['--scopes', 'PLATFORM_ADMIN'],
    'keys revoke': ['x'],
    'repair-dates': ['--zone', 'UTC'],
  };
  const more = needed[command as keyof typeof needed] ?? [];
  const options = { environment: NOWHERE, input: '{"eventTypes":[]}' };
  const { exitCode, stdout, stderr } = await runCli([...command.split(' '), ...more], options);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('DATABASE_URL: PostgreSQL cannot be used');
});

const ELSEWHERE = { HOOKCAST_URL: 'http://127.0.0.1:2', HOOKCAST_API_KEY: 'hk_test', HOOKCAST_HOME: '/nowhere' };
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  trigger: ['user.created'],
  'targets create': ['https://example.com/'],
  'targets update': ['x', '--name', 'y'],
  'replay create': ['--since', '1h', '--mode', 'ALL'],
};
const WITH_ID = ['targets delete', 'targets rotate-secret', 'targets test', 'replay show', 'replay cancel'];
const ASKING = REMOTE_COMMANDS.filter((command) => command !== 'logout' && command !== 'listen');

test.each(ASKING)('%s without a service that can be reached: 1, and the message names its URL', async (command) => {
  const more = NEEDED[command] ?? (WITH_ID.includes(command) ? ['x'] : []);
  const options = { environment: ELSEWHERE, input: 'hk_test' };
  const { exitCode, stdout, stderr } = await runCli([...command.split(' '), ...more], options);
  expect([exitCode, stdout]).toEqual([1, '']);
  expect(stderr).toContain('http://127.0.0.1:2/graphql cannot be reached: connect ECONNREFUSED');
});

test.each([
  ['listen', 'Expected PORT|URL'],
  ['completion', 'Expected SHELL: bash, zsh, fish'],
  ['completion tcsh', 'Expected bash, zsh, fish, got "tcsh".'],
  ['listen 3000', 'Expected an API key for http://127.0.0.1:4000/graphql, got none. Run `hookcast login`'],
  ['listen http://192.0.2.1/', 'Add --allow-external'],
  ['targets list --url ftp://x', '--url: expected a URL such as https://hooks.example.com, got "ftp://x"'],
  ['targets update x --api-key k', 'Expected a change, got none.'],
  ['deliveries --json --api-key k', 'Expected --follow beside --after and --json.'],
  ['replay create --mode SOME', '--mode: expected one of FAILED, MISSED, ALL'],
  ['replay create --mode ALL', '--since: expected a time or a duration ago'],
  ['replay create --mode ALL --since soon', '--since: expected a time such as'],
])('%s: 2, and the message says what is missing', async (line, message) => {
  const { exitCode, stdout, stderr } = await runCli(line.split(' '), { environment: { HOOKCAST_HOME: '/nowhere' } });
  expect([exitCode, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});

test('settings with a mistake: 1, and every mistake is named', async () => {
  const environment = { DATABASE_URL: 'mysql://x', MASTER_KEY: 'short', MASTER_KEY_PREVIOUS: 'shorter' };
  const { exitCode, stderr } = await runCli(['keys', 'list'], { environment });
  expect(exitCode).toBe(1);
  for (const name of Object.keys(environment)) expect(stderr).toContain(`${name}: expected`);
});
