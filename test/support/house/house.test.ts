/** What test/architecture.test.ts reads sources and tables with: it must see what is wrong in them. */
import { expect, test } from 'vitest';
import { rulesIn } from './layer-table.ts';
import { printRooms, roomsOf } from './room-table.ts';
import { circlesOf, importsOf, type Source } from './sources.ts';

const source = (path: string, text: string): Source => ({ path, text, imports: importsOf(path, text) });

test.each([
  ["import { a } from './a.ts';", false],
  ["import {\n  a,\n  b,\n} from './a.ts';", false],
  ["import './a.ts';", false],
  ["  import './a.ts';", false],
  ["export * from './a.ts';", false],
  ["export { a } from './a.ts';", false],
  ["const { a } = await import('./a.ts');", false],
  ["new Worker(new URL('./a.ts', import.meta.url));", false],
  ["import type { A } from './a.ts';", true],
])('%j is an import', (text, isType) => {
  expect(importsOf('room/b.ts', text)).toEqual([{ path: 'room/a.ts', isType }]);
});

test('an import for its effects does not swallow the one after it', () => {
  const text = "import './a.ts';\nimport { b } from '../b.ts';\nimport pg from 'pg';\n";
  expect(importsOf('room/c.ts', text).map(({ path }) => path)).toEqual(['room/a.ts', 'b.ts']);
});

test('a circle is seen whichever way it is closed: by names, by types, or by effects', () => {
  const sources = [
    source('a.ts', "import { b } from './b.ts';"),
    source('b.ts', "import type { C } from './c.ts';"),
    source('c.ts', "import './a.ts';"),
    source('d.ts', "import './a.ts';"),
  ];
  expect(circlesOf(sources)).toEqual([['a.ts', 'b.ts', 'c.ts']]);
});

test('rooms that import each other are counted, a folder within a folder is not another room in this', () => {
  const rooms = roomsOf([
    source('one/a.ts', "import './deep/b.ts';\nimport '../two/c.ts';\n"),
    source('one/deep/b.ts', "import '../d.ts';\n"),
    source('one/d.ts', '\n'),
    source('two/c.ts', "import '../one/d.ts';\n"),
  ]);
  expect(rooms).toMatchObject([
    { room: 'one', files: 2, lines: 3, arrowsBack: ['one/a.ts imports two/c.ts'], inCircles: [] },
    { room: 'one/deep', files: 1, arrowsBack: [] },
    { room: 'two', files: 1, arrowsBack: ['two/c.ts imports one/d.ts'] },
  ]);
  expect(printRooms(rooms).split('\n').at(-1)).toMatch(/^all +4 +5 +2 +0$/);
});

test('a table of rooms is read whole: layers, names, everything and nothing, types', () => {
  const rules = rulesIn(`
| layer | rooms | may import |
|---|---|---|
| 2 top | \`app\` | everything |
| | \`api\` | \`live/feed\`, layer 0; types of layer 1 |
| 1 work | \`live\`, \`work\` | layer 0 |
| 0 rules | \`rules\` | nothing |
`);
  expect(Object.fromEntries(rules)).toEqual({
    app: { imports: ['*'], types: [] },
    api: { imports: ['live/feed', 'rules'], types: ['live', 'work'] },
    live: { imports: ['rules'], types: [] },
    work: { imports: ['rules'], types: [] },
    rules: { imports: [], types: [] },
  });
});

test('a document without the table, or with a layer that is not there, is refused', () => {
  expect(() => rulesIn('# Nothing')).toThrow('no table with the columns');
  expect(() => rulesIn('| room | may import |\n|---|---|\n| `a` | layer 7 |\n')).toThrow('no layer 7');
});
