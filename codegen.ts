/** Typed documents for every `graphql(…)` in test/: run by `npm run generate`, into test/generated. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/**/*.ts', '!test/generated/**'],
  // Only graphql(`…`) calls: other strings may hold documents that are wrong on purpose.
  pluckConfig: { globalGqlIdentifierName: ['graphql'], gqlMagicComment: 'not-a-document', modules: [] },
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'test/generated/': {
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
