/** The words of src/README.md: each names its place, and no other word stands for the same thing. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url).pathname;
const ROW = /^\| (?<word>[^|]+) \| (?<meaning>[^|]+) \| `(?<path>[^|`]+)` \|$/gm;

/** Words that the house has another one for, and the files that may use them. */
const OTHER_WORDS: readonly { other: RegExp; house: string; except: readonly string[] }[] = [
  // The two define it for readers who know the other word.
  { other: /\btenants?\b/i, house: 'organization', except: ['README.md', 'schema/organization.ts'] },
  {
    other: /\bend ?points?\b/i,
    house: 'target or receiver',
    except: [
      // The two define it for readers who know the other word.
      ...['schema/webhook-target/type.ts', 'schema/README.md'],
      'server/pages/graphiql.ts', // An option of GraphiQL.
      // Host and port, the end of a connection.
      ...['connect', 'connection', 'connections', 'endpoint', 'route', 'secure', 'send-failure', 'through-proxy'].map(
        (name) => `pipeline/deliver/http/${name}.ts`,
      ),
      'pipeline/deliver/send.ts',
      'app/doctor/examine-network.ts', // The same: it opens such a connection.
    ],
  },
  { other: /\bwebhook (secret|event|message)s?\b/i, house: 'target secret or event', except: [] },
  { other: /\b(api|access|auth) tokens?\b/i, house: 'API key', except: [] },
  { other: /\bdead.?letters?\b|\bDLQ\b/i, house: 'FAILED delivery', except: [] },
];

async function readGlossary() {
  const text = await readFile(join(ROOT, 'src/README.md'), 'utf8');
  return [...text.matchAll(ROW)].map(({ groups }) => groups as { word: string; meaning: string; path: string });
}

test('each word stands once, has one sentence, and is used by the file that it names', async () => {
  const entries = await readGlossary();
  expect(entries.length).toBeGreaterThanOrEqual(25);
  expect(new Set(entries.map(({ word }) => word)).size).toBe(entries.length);
  const wrong: string[] = [];
  for (const { word, meaning, path } of entries) {
    const file = join(ROOT, 'src', path);
    if (!/^[^.]+\.$/.test(meaning.replaceAll(/`[^`]*`/g, ''))) wrong.push(`${word}: not one sentence`);
    if (!existsSync(file)) wrong.push(`${word}: ${path} does not exist`);
    else if (!usesWord(await readFile(file, 'utf8'), word)) wrong.push(`${word}: ${path} does not speak of it`);
  }
  expect(wrong).toEqual([]);
});

/** In any spelling of code: `event type` is also eventType, event_type and EventType. */
const usesWord = (text: string, word: string): boolean => new RegExp(word.split(/[ -]/).join('[ _-]?'), 'i').test(text);

test('code, descriptions and errors use the words of the glossary', async () => {
  const entries = await readdir(join(ROOT, 'src'), { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && /\.(tsx?|md)$/.test(entry.name) && !/\/(dist|generated)/.test(entry.parentPath),
  );
  const found: string[] = [];
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name).slice(join(ROOT, 'src/').length);
    const text = await readFile(join(parentPath, name), 'utf8');
    for (const { other, house, except } of OTHER_WORDS) {
      const hit = other.exec(text);
      if (hit && !except.includes(path)) found.push(`${path}: "${hit[0]}", say ${house}`);
    }
  }
  expect(found).toEqual([]);
});
