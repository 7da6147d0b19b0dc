/** Whether the README shows the examples of this folder, which are run as tests, word for word. */
import { readFile } from 'node:fs/promises';

const EXAMPLES = ['watch-ws.ts', 'watch-sse.ts', 'sign.ts'];

/** Names of the examples that no code block of the README consists of. */
export async function examplesNotShown(): Promise<string[]> {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const blocks = new Set([...readme.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code));
  const codes = await Promise.all(EXAMPLES.map((name) => readFile(new URL(name, import.meta.url), 'utf8')));
  return EXAMPLES.filter((_, index) => !blocks.has(codes[index]));
}
