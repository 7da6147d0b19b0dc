/** Questions at a terminal: who is asked, and what an answer does. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRemoteCli, type RemoteCli } from '../../support/cli/remote-cli.ts';
import { hasTerminal, HOOKCAST, openTerminal } from '../../support/cli/terminal.ts';
import { API_KEY } from '../../support/service.ts';

let t: RemoteCli;

beforeAll(async () => {
  if (hasTerminal) t = await createRemoteCli({ SERVICE_EVENTS: 'false' });
}, 60_000);
afterAll(() => t?.[Symbol.asyncDispose]());

const open = (words: string, settings: NodeJS.ProcessEnv = {}) =>
  openTerminal(`${HOOKCAST} ${words}`, { HOOKCAST_URL: t.service.url, HOOKCAST_HOME: t.home, ...settings });

const countEvents = async (): Promise<number> => (await t.api('{ events { totalCount } }')).events.totalCount;

test.for([
  ['n', 1, 0],
  ['', 1, 0],
  ['y', 0, 1],
] as const)('trigger asks at a terminal: %j exits with %i', async ([answer, exitCode, published], context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  await using terminal = open('trigger transaction.auto.updated', { HOOKCAST_API_KEY: API_KEY });
  await terminal.shows(/No targets receive .*Publish it\? \[y\/N\] /s);
  const before = await countEvents();
  terminal.press(`${answer}\r`);
  expect(await terminal.exitCode()).toBe(exitCode);
  expect((await countEvents()) - before).toBe(published);
});

test('login asks for the key, does not show it, and Ctrl-C leaves without a login', async (context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  await using first = open('login');
  await first.shows(/API key for .*: /);
  first.press('\x03');
  expect(await first.exitCode()).toBe(130);
  await expect(readFile(join(t.home, 'login.json'))).rejects.toThrow('ENOENT');
  await using second = open('login');
  await second.shows(/API key for .*: /);
  second.press(`${API_KEY}\r`);
  expect(await second.exitCode()).toBe(0);
  expect(second.shown()).not.toContain(API_KEY);
  expect(await readFile(join(t.home, 'login.json'), 'utf8')).toContain(API_KEY);
});
