/** `hookcast listen` at a terminal: its keys and colours. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publishAt } from '../support/cli/listening.ts';
import { hasTerminal, HOOKCAST, openTerminal } from '../support/cli/terminal.ts';
import { codeBlocks } from '../support/documents.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, startService, type Service } from '../support/service.ts';

let service: Service;

beforeAll(async () => {
  if (hasTerminal) service = await startService();
}, 60_000);
afterAll(() => service?.[Symbol.asyncDispose]());

async function setup(environment: NodeJS.ProcessEnv = {}, wrap = (command: string) => command) {
  const [receiver, folder] = [await startReceiver(), await createFolder('hookcast-terminal-')];
  const settings = { HOOKCAST_URL: service.url, HOOKCAST_API_KEY: API_KEY, HOOKCAST_HOME: folder.path };
  const terminal = openTerminal(wrap(`${HOOKCAST} listen ${receiver.port}`), { ...settings, ...environment });
  return {
    ...terminal,
    receiver,
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      await receiver.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('r sends the newest event again, with the next attempt number and a new signature; q stops with 0', async (context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  await using t = await setup();
  await t.shows(/Press r to send the newest event again, q to stop\./);
  t.press('r');
  await t.shows(/There is no event yet\./);
  const { id, body } = await publishAt(service.url);
  await t.shows(new RegExp(`→ .*200.* ms .*${id}`));
  t.press('r');
  await t.shows(/transaction\.auto\.updated \(attempt 2\) → /);
  const [first, again] = t.receiver.requests;
  expect([String(first!.body), String(again!.body)]).toEqual([body, body]);
  expect(again!.headers).toMatchObject({ 'webhook-id': id, 'x-dakota-delivery-attempt': '2' });
  t.press('q');
  expect(await t.exitCode()).toBe(0);
  expect(t.shown()).toContain('\x1b[32m200\x1b[39m');
});

test('Ctrl-C works as always, and NO_COLOR takes the colours away', async (context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  await using t = await setup({ NO_COLOR: '1' });
  await t.shows(/Press r/);
  await publishAt(service.url);
  await t.shows(/→ 200 \d+ ms/);
  t.press('\x03');
  expect(await t.exitCode()).toBe(0);
  expect(t.shown()).not.toContain('\x1b[3');
});

test('Ctrl-Z stops the whole job, and fg goes on', async (context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  await using t = await setup({}, (command) => `sh -mc '${command} | cat; echo "stopped with $?"; fg'`);
  await t.shows(/Press r/);
  t.press('\x1a');
  await t.shows(/stopped with 1\d\d/);
  const { id } = await publishAt(service.url);
  await t.shows(new RegExp(id));
  t.press('q');
  expect(await t.exitCode()).toBe(0);
});

test('in the background of a terminal it forwards, and leaves the keyboard alone', async (context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  // With -m the shell gives the job a process group of its own, which does not have the terminal.
  // The shell ends it when the terminal goes away.
  await using t = await setup({}, (command) => `sh -mc '${command} & trap "kill $!" HUP; wait; wait'`);
  await t.shows(/public key/);
  const { id } = await publishAt(service.url);
  await t.shows(new RegExp(id));
  expect(t.shown()).not.toContain('Press r');
});

/** The same for every run: without times, ids, keys, and where the service and the receiver are. */
const withoutFacts = (text: string): string[] =>
  text
    .replaceAll(/\x1b\[\d+m/g, '')
    .replaceAll(/\b\d\d:\d\d:\d\d\b/g, 'TIME')
    .replaceAll(/\b[0-9A-Za-z]{27}\b/g, 'ID')
    .replaceAll(/whsec_\S+|\b[0-9a-f]{64}\b/g, 'KEY')
    .replaceAll(/\b\d+ ms\b/g, 'N ms')
    .replaceAll(/https?:\/\/[^\s/]+|localhost:\d+/g, 'HOST')
    .replaceAll(/Listening to .+ at|with the API key "\w+"/g, 'WHO')
    .trim()
    .split(/\r?\n/);

test('the document shows what a terminal shows', async (context) => {
  if (!hasTerminal) context.skip('script of util-linux is not installed');
  const [shown] = await codeBlocks('src/cli/README.md', 'Events on your own machine', 'text');
  await using t = await setup({}, (command) => `${command} --path /webhooks`);
  await t.shows(/Press r/);
  await publishAt(service.url);
  await t.shows(/200.* ms/);
  await t.receiver.close();
  await publishAt(service.url, { eventType: 'wallet.created' });
  await t.shows(/nothing listens/);
  expect(withoutFacts(t.shown())).toEqual(withoutFacts(shown!));
});
