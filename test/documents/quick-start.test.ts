/** The quick start of the README, as a reader does it: the commands in one terminal, the operations in GraphiQL. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { codeBlocks } from '../support/documents.ts';
import { freePort } from '../support/network/free-port.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { QUICK_START, startProcess } from '../support/processes/start.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const HTTP = new RegExp('http://127.0.0.1:3000/', 'g');

/** The terminal: bash runs the block on free ports and in an empty data folder, and its lines can be waited for. */
async function openTerminal(command: string, environment: NodeJS.ProcessEnv) {
  const child = startProcess('bash', ['-c', command], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...QUICK_START, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let written = Promise.withResolvers<void>();
  const note = (line: string) => {
    lines.push(line);
    written.resolve();
    written = Promise.withResolvers();
  };
  for (const stream of [child.stdout!, child.stderr!]) createInterface(stream).on('line', note);
  const ended = once(child, 'close').then(() => note('ENDED')); // bash, and whatever it started and holds its output.
  let read = 0;
  /** The next line with this text, after those that were asked for before. */
  async function until(text: string): Promise<string> {
    for (;;) {
      while (read < lines.length) {
        const line = lines[read++]!;
        if (line.includes(text)) return line;
        if (line === 'ENDED') throw new Error(`The terminal ended:\n${lines.join('\n')}`);
      }
      await written.promise;
    }
  }
  const close = async () => {
    process.kill(-child.pid!, 'SIGTERM');
    await ended;
  };
  return { until, close };
}

test(
  'the quick start registers a local receiver, and each publish arrives there, the second one too',
  { timeout: 120_000 },
  async () => {
    const [port, receiverPort] = [await freePort(), await freePort()];
    const folder = await createFolder('hookcast-quick-start-');
    onTestFinished(() => folder[Symbol.asyncDispose]());
    const [commands, ...rest] = await codeBlocks('README.md', 'Quick start', 'sh');
    expect(rest).toEqual([]);
    const environment = { PORT: String(port), DATA_DIR: folder.path };
    const terminal = await openTerminal(commands!.replace('.listen(3000,', `.listen(${receiverPort},`), environment);
    onTestFinished(() => terminal.close());
    const [, apiKey] = /BOOTSTRAP_API_KEY=(\S+) npm start/.exec(commands!)!;
    await terminal.until('service.started');

    const [register, live] = await codeBlocks('README.md', 'Quick start', 'graphql');
    const run = async (query: string, operationName: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': apiKey! },
        body: JSON.stringify({ query, operationName }),
      });
      return ((await response.json()) as { data: Record<string, { userErrors: unknown[] }> }).data;
    };
    const local = register!.replace(HTTP, `http://127.0.0.1:${receiverPort}/`);
    expect(local).not.toBe(register);
    const { createWebhookTarget } = await run(local, 'Register');
    expect(createWebhookTarget).toMatchObject({ secret: expect.stringMatching(/^whsec_/), userErrors: [] });

    for (const nth of ['first', 'second']) {
      const { publishEvent } = await run(live!, 'Publish');
      expect([nth, publishEvent]).toMatchObject([nth, { deliveryCount: 1, userErrors: [] }]);
      expect(await terminal.until('RECEIVED')).toMatch(/^RECEIVED transaction\.auto\.updated [\w+/]{86}==$/);
      const { event } = publishEvent as unknown as { event: { id: string } };
      expect(JSON.parse(await terminal.until('"data"'))).toMatchObject({ id: event.id, data: { id: '31Tgvv' } });
    }
  },
);
