/** Whether the documents show the examples of this folder word for word. Tests run the examples. */
import { readFile } from 'node:fs/promises';

const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['verify-request.ts'],
  'src/schema/README.md': [
    'codegen.ts',
    'sign.ts',
    'watch-ws.ts',
    'watch-sse.ts',
    'watch-event-source.ts',
    'watch-graphql-sse.ts',
  ],
  'src/app/README.md': ['trace.ts'],
  'src/client/README.md': [
    'client-watch.ts',
    'client-list.ts',
    'client-react.tsx',
    'client-apollo.ts',
    'client-urql.ts',
    'client-relay.ts',
  ],
  'src/verify/README.md': ['receive-express.ts', 'receive-fastify.ts', 'receive-hono.ts', 'receive-node.ts'],
  'src/verify/receivers/node.md': ['languages/receive.mjs'],
  'src/verify/receivers/python.md': ['languages/receive.py'],
  'src/verify/receivers/go.md': ['languages/receive.go'],
  'src/verify/receivers/java.md': ['languages/Receive.java'],
  'src/verify/receivers/rust.md': ['languages/Cargo.toml', 'languages/receive.rs'],
  'src/verify/receivers/php.md': ['languages/receive.php'],
  'src/verify/receivers/ruby.md': ['languages/receive.rb'],
};

/** Names of the examples that no code block of their document consists of. */
export async function examplesNotShown(): Promise<string[]> {
  const missing = Object.entries(EXAMPLES).map(async ([name, examples]) => {
    const document = await readFile(new URL(`../../../${name}`, import.meta.url), 'utf8');
    const blocks = new Set([...document.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code]) => code));
    const codes = await Promise.all(examples.map((example) => readFile(new URL(example, import.meta.url), 'utf8')));
    return examples.filter((_, index) => !blocks.has(codes[index]));
  });
  return (await Promise.all(missing)).flat();
}
