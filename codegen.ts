/** Typed documents for every `graphql(…)` in test/ and src/console/: run by `npm run generate`, into their folders `generated`. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  // Only graphql(`…`) calls: other strings may hold documents that are wrong on purpose.
  pluckConfig: { globalGqlIdentifierName: ['graphql'], gqlMagicComment: 'not-a-document', modules: [] },
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'src/console/generated/': {
      documents: ['src/console/**/*.{ts,tsx}', '!src/console/generated/**'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        strictScalars: true,
        enumsAsTypes: true,
        scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown' },
      },
    },
    'test/generated/': {
      documents: ['test/**/*.ts', '!test/generated/**'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        // A document is its text: it goes over HTTP, SSE and WebSocket alike.
        documentMode: 'string',
        useTypeImports: true,
        strictScalars: true,
        scalars: { ID: 'string', DateTime: 'string', JSON: 'unknown' },
      },
    },
  },
};

export default config;
