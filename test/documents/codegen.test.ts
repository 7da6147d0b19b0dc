/** The settings of GraphQL Code Generator that src/schema/README.md shows make types of what the API answers. */
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { expect, test } from 'vitest';
import config from '../support/examples/codegen.ts';
import { createFolder } from '../support/processes/reaper.ts';

const DOCUMENT = `import { graphql } from './gql';
export const Sent = graphql(\`query Sent($id: ID!) { event(id: $id) { id createdAt data eventType { id } } }\`);
`;

test('ids and times are strings, and JSON is unknown', async () => {
  await using folder = await createFolder('hookcast-codegen-');
  await copyFile(new URL('../../schema.graphql', import.meta.url), join(folder.path, 'schema.graphql'));
  await symlink(new URL('../../node_modules', import.meta.url), join(folder.path, 'node_modules'));
  await mkdir(join(folder.path, 'src'));
  await writeFile(join(folder.path, 'src/sent.ts'), DOCUMENT);
  const files = await generate({ ...config, cwd: folder.path, silent: true }, false);
  const { content } = (files as { filename: string; content: string }[]).find(({ filename }) =>
    /graphql\.ts$/.test(filename),
  )!;
  const type = /export type SentQuery = .*/.exec(content)?.[0];
  expect(type).toMatch(/id: string/);
  expect(type).toMatch(/createdAt: string/);
  expect(type).toMatch(/data: unknown/);
  expect(type).not.toMatch(/\bany\b/);
});
