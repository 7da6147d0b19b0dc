/** The lines of the log: what compiles, and that the operators' table has each of them, with its level and its fields. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { logFault } from '../src/log-event.ts';
import { createLog } from './support/log.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const LEVELS: Record<string, string> = {
  Debug: 'debug',
  Info: 'info',
  Warn: 'warn',
  Error: 'error',
  Fault: 'error, warn',
};

type Row = { readonly name: string; readonly level: string; readonly fields: readonly string[] };

/** Every event of src/log-event.ts. */
async function declaredEvents(): Promise<Row[]> {
  const source = (await readFile(join(ROOT, 'src/log-event.ts'), 'utf8')).replace(/\/\*\*[^]*?\*\//g, '');
  const named = Object.fromEntries(
    [...source.matchAll(/^type (Fault|Asked|Replayed) = \{([^]*?)\};$/gm)].map(([, name, body]) => [
      name,
      fieldsOf(body!),
    ]),
  );
  return [...source.matchAll(/^type (\w+)Fields = \{\n([^]*?)^\};$/gm)].flatMap(([, group, body]) =>
    body!
      .split(/^  (?=')/m)
      .filter((entry) => entry.trim() !== '')
      .map((entry) => {
        const [, name, type] = /^'([^']+)': ([^]*)$/.exec(entry)!;
        const mixedIn = Object.keys(named).flatMap((part) =>
          new RegExp(`\\b${part}\\b`).test(type!) ? named[part]! : [],
        );
        return { name: name!, level: LEVELS[group!]!, fields: [...mixedIn, ...fieldsOf(type!)] };
      }),
  );
}

/** Names before a colon; those of an object inside an array belong to the array. */
const fieldsOf = (type: string): string[] =>
  [...type.replace(/readonly \{[^}]*\}\[\]/g, 'list').matchAll(/(\w+)\??:/g)].map(([, field]) => field!);

/** The rows of the table under the heading "The log", in whichever README has it. */
async function documentedEvents(): Promise<Row[]> {
  const files = ['README.md', ...(await readdir(join(ROOT, 'src'), { recursive: true })).map((file) => `src/${file}`)];
  const texts = await Promise.all(
    files.filter((file) => file.endsWith('README.md')).map((file) => readFile(join(ROOT, file), 'utf8')),
  );
  const sections = texts.flatMap((text) => /^##+ The log\n([^]*?)(?=^## |^### |$(?![^]))/m.exec(text)?.[1] ?? []);
  expect(sections).toHaveLength(1);
  return [...sections[0]!.matchAll(/^\| (`.*`) \| (.*) \| .* \| (.*) \|$/gm)].flatMap(([, names, level, carries]) =>
    quoted(names!).map((name) => ({ name, level: level!, fields: quoted(carries!) })),
  );
}

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word]) => word!);

const byName = (rows: readonly Row[]) => Map.groupBy(rows, ({ name }) => name);

test('the table of the log has a row for each event, and no other', async () => {
  const [declared, documented] = [
    await declaredEvents(),
    (await documentedEvents()).filter(({ name }) => name !== 'msg'),
  ];
  expect(declared.length).toBeGreaterThan(25);
  expect(documented.map(({ name }) => name).sort()).toEqual(declared.map(({ name }) => name).sort());
});

test('each row says the level and every field of its event', async () => {
  const documented = byName(await documentedEvents());
  for (const { name, level, fields } of await declaredEvents()) {
    const [row] = documented.get(name)!;
    expect([name, row!.level]).toEqual([name, level]);
    const missing = fields.filter((field) => !row!.fields.includes(field));
    expect([name, missing]).toEqual([name, []]);
    const unknown = row!.fields.filter((field) => /^[a-z]\w*$/.test(field) && !fields.includes(field));
    expect([name, unknown]).toEqual([name, []]);
  }
});

test('a name has two parts of lower-case words, and a quantity its unit', async () => {
  const events = await declaredEvents();
  for (const { name } of events) expect(name).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
  const unitless = /(duration|delay|timeout|age|size|length|latency)$/i;
  expect(events.flatMap(({ fields }) => fields).filter((field) => unitless.test(field))).toEqual([]);
});

test('a line with an unknown name, a missing or unknown field, or another level does not compile', () => {
  const { logger, lines } = createLog();
  logger.info({ signal: 'SIGTERM' }, 'service.stopping');
  // @ts-expect-error No event has this name.
  logger.info({ signal: 'SIGTERM' }, 'service.ending');
  // @ts-expect-error `signal` is missing.
  logger.info({}, 'service.stopping');
  // @ts-expect-error It has no such field.
  logger.info({ signal: 'SIGTERM', code: 15 }, 'service.stopping');
  // @ts-expect-error It is no warning.
  logger.warn({ signal: 'SIGTERM' }, 'service.stopping');
  // @ts-expect-error `path` is missing.
  logFault(logger, { name: 'http.failed', err: new Error('no') });
  expect(lines.map(({ msg }) => msg)).toContain('service.stopping');
});

test('what fails because PostgreSQL is away is a warning, and everything else an error', () => {
  const { logger, lines } = createLog();
  const away = Object.assign(new Error('gone'), { code: '57P01' });
  const copied = { ...away, message: away.message }; // As pg-boss hands on what it caught.
  const stripped = Object.assign(new Error('permission denied'), { code: '42501' });
  for (const err of [away, copied, stripped, new TypeError('x is not a function')]) {
    logFault(logger, { name: 'queue.failed', err });
  }
  expect(lines).toMatchObject([
    { msg: 'queue.failed', level: 40 },
    { msg: 'queue.failed', level: 40 },
    { msg: 'queue.failed', level: 50, cure: expect.stringContaining('Put it back') },
    { msg: 'queue.failed', level: 50 },
  ]);
});
