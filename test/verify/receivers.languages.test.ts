/**
 * The receivers that the pages of src/verify/receivers show, each in its language, take requests that were captured before,
 * during and after the rotations of the signing key and of the secret. Where a toolchain is missing, its test is skipped and says
 * what is missing: `npm run test:receivers` prints it.
 */
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import { codeBlocks } from '../support/documents.ts';
import { type Captured, capture, type Time, TIMES, TYPE } from '../support/receivers/captured.ts';
import { forge, type Sent, withoutStandard } from '../support/receivers/forged.ts';
import { type Language, LANGUAGES, prepare, type Prepared } from '../support/receivers/languages.ts';
import { freePort } from '../support/network/free-port.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';
import { type ReceiverProcess, startReceiverProcess } from '../support/receivers/receiver-process.ts';
import type { ReceivedRequest } from '../support/receiver.ts';

const URL_IN_PAGES = 'https://hookcast.example.com';

/** The command of each page that brings the signing keys. */
const KEY_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  Node: await codeBlocks('src/verify/receivers/node.md', 'The signing keys', 'sh'),
  Python: await codeBlocks('src/verify/receivers/python.md', 'The signing keys', 'sh'),
  Go: await codeBlocks('src/verify/receivers/go.md', 'The signing keys', 'sh'),
  Java: await codeBlocks('src/verify/receivers/java.md', 'The signing keys', 'sh'),
  Rust: await codeBlocks('src/verify/receivers/rust.md', 'The signing keys', 'sh'),
  PHP: await codeBlocks('src/verify/receivers/php.md', 'The signing keys', 'sh'),
  Ruby: await codeBlocks('src/verify/receivers/ruby.md', 'The signing keys', 'sh'),
};

/** What the command of a language wrote: a file and its text. */
type KeyFile = { readonly name: string; readonly text: string };

const hasCurl = await runProcess('curl', ['--version']).then(
  () => true,
  () => false,
);
let prepared: ReadonlyMap<string, Prepared>;
let captured: Captured<Readonly<Record<string, KeyFile>>>;

// Compiled first: what is captured is accepted for minutes only.
beforeAll(async () => {
  if (!hasCurl) return;
  prepared = new Map(
    await Promise.all(LANGUAGES.map(async (language) => [language.name, await prepare(language)] as const)),
  );
  captured = await capture(readKeyFiles);
}, 300_000);
afterAll(() => Promise.all([...(prepared?.values() ?? [])].map(({ folder }) => folder[Symbol.asyncDispose]())));

/** Runs the commands as a reader would, with the address of this deployment. */
async function readKeyFiles(origin: string): Promise<Readonly<Record<string, KeyFile>>> {
  await using folder = await createFolder('hookcast-keys-');
  const files = Object.entries(KEY_COMMANDS).map(async ([language, [command]]) => {
    const directory = join(folder.path, language);
    await mkdir(directory);
    await runProcess('bash', ['-c', command!.replaceAll(URL_IN_PAGES, origin)], { cwd: directory });
    const [name, ...more] = await readdir(directory);
    expect(more, 'the command leaves one file').toEqual([]);
    return [language, { name: name!, text: await readFile(join(directory, name!), 'utf8') }] as const;
  });
  return Object.fromEntries(await Promise.all(files));
}

type Held = { readonly keys: Time; readonly secrets: readonly string[] };

/** The receiver of a language with these keys and secrets. */
async function start({ name, run, ready }: Language, { keys, secrets }: Held): Promise<ReceiverProcess> {
  const { folder } = prepared.get(name)!;
  await writeKeys(name, keys);
  const port = await freePort();
  const inbox = join(folder.path, `inbox-${port}`);
  await mkdir(inbox, { recursive: true });
  return startReceiverProcess({
    command: run(port),
    directory: folder.path,
    port,
    environment: { WEBHOOK_SECRETS: secrets.join(' '), INBOX: inbox },
    ready: ready ?? `Listening on ${port}`,
  });
}

const pathOfKeys = (language: string) =>
  join(prepared.get(language)!.folder.path, captured.keys.before[language]!.name);

const writeKeys = (language: string, time: Time) =>
  writeFile(pathOfKeys(language), captured.keys[time][language]!.text);

/** The status answered to a request; 0 when the receiver hangs up instead. */
async function post({ url }: ReceiverProcess, { headers, body }: Sent | ReceivedRequest): Promise<number> {
  const { host: _, connection: __, 'content-length': ___, ...given } = headers;
  const sent = Object.entries(given).filter(([, value]) => value !== undefined) as [string, string][];
  // A connection of its own: one that was hung up on is not used again.
  const posted = request(url, { method: 'POST', headers: Object.fromEntries(sent), agent: false });
  posted.setHeader('content-length', Buffer.byteLength(body));
  posted.on('error', () => {}); // It may hang up while the rest of a body is sent that it has answered already.
  posted.end(body);
  const answered = once(posted, 'response') as Promise<[IncomingMessage]>;
  return answered.then(([response]) => response.resume().statusCode!).catch(() => 0);
}

/** The times whose requests the receiver accepts; the others it must refuse. */
async function acceptedBy(receiver: ReceiverProcess, as: (request: ReceivedRequest) => Sent | ReceivedRequest) {
  const accepted: Time[] = [];
  for (const time of TIMES) {
    const status = await post(receiver, as(captured.requests[time]));
    if (status === 204) accepted.push(time);
    else expect(status).toBe(401);
  }
  return accepted;
}

const whole = (request: ReceivedRequest) => request;

/** Skips the test, saying why, or returns the old secret and the new one. */
function secretsOf(context: TestContext, { name }: Language): readonly [string, string] {
  const missing = hasCurl ? prepared.get(name)!.missing : 'curl is not installed';
  if (missing !== null) context.skip(missing);
  return captured.secrets;
}

describe.each(LANGUAGES)('the receiver in $name', (language) => {
  test('with the key and the secret from before accepts what is sent until they end', async (context) => {
    const [old] = secretsOf(context, language);
    await using receiver = await start(language, { keys: 'before', secrets: [old] });
    expect(await acceptedBy(receiver, whole)).toEqual(['before', 'published', 'active']);
  });

  test('with both keys and both secrets accepts what is sent before, during and after both rotations', async (context) => {
    const secrets = secretsOf(context, language);
    await using receiver = await start(language, { keys: 'published', secrets });
    expect(await acceptedBy(receiver, whole)).toEqual(TIMES);
  });

  test('with the key and the secret from after accepts what is sent since they were published', async (context) => {
    const [, fresh] = secretsOf(context, language);
    await using receiver = await start(language, { keys: 'after', secrets: [fresh] });
    expect(await acceptedBy(receiver, whole)).toEqual(['published', 'active', 'after']);
  });

  test('verifies X-Webhook-Signature alone, and takes new keys without a restart', async (context) => {
    secretsOf(context, language);
    await using receiver = await start(language, { keys: 'before', secrets: [] });
    expect(await acceptedBy(receiver, withoutStandard)).toEqual(['before', 'published']);
    await writeKeys(language.name, 'published');
    expect(await acceptedBy(receiver, withoutStandard)).toEqual(TIMES);
    await writeKeys(language.name, 'after');
    expect(await acceptedBy(receiver, withoutStandard)).toEqual(['active', 'after']);
  });

  test('refuses what is forged, with 401, and what was sent to another target', async (context) => {
    const secrets = secretsOf(context, language);
    await using receiver = await start(language, { keys: 'published', secrets });
    for (const [what, sent] of forge(captured.requests.active)) {
      expect([what, await post(receiver, sent)]).toEqual([what, 401]);
    }
    expect(await post(receiver, captured.forAnother)).toBe(401);
    expect(await post(receiver, captured.requests.active)).toBe(204);
  });

  test('works on each event once, takes the largest body, and answers 413 to what is larger', async (context) => {
    const secrets = secretsOf(context, language);
    await using receiver = await start(language, { keys: 'published', secrets });
    const { requests, largest } = captured;
    expect(largest.body.length).toBeGreaterThan(256 * 1024);
    const sent = [requests.active, requests.active, largest, requests.active, largest];
    for (const each of sent) expect(await post(receiver, each)).toBe(204);
    const tooLarge = { headers: largest.headers as Sent['headers'], body: Buffer.alloc(1_500_000, 'x') };
    expect([0, 413]).toContain(await post(receiver, tooLarge));
    expect(await post(receiver, requests.published)).toBe(204);

    const ids = [requests.active, largest, requests.published].map(({ headers }) => headers['webhook-id']);
    for (const id of ids) await receiver.said(`Working on ${TYPE} ${id}`);
    const worked = receiver.lines.filter((line) => line.includes('Working on '));
    expect(worked).toHaveLength(ids.length);
  });

  test('answers 500 while it cannot read its keys, and the next try is accepted', async (context) => {
    const secrets = secretsOf(context, language);
    await using receiver = await start(language, { keys: 'published', secrets });
    await rm(pathOfKeys(language.name));
    expect(await post(receiver, captured.requests.active)).toBe(500);
    await writeKeys(language.name, 'published');
    expect(await post(receiver, captured.requests.active)).toBe(204);
  });
});
