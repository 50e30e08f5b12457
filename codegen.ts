import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types for the typed client of demo and tests, from the committed schema. */
const config: CodegenConfig = {
  schema: 'schemas/unified.graphql',
  documents: ['examples/client/operations.ts'],
  ignoreNoDocuments: false,
  generates: {
    'examples/client/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        documentMode: 'string',
        immutableTypes: true,
        strictScalars: true,
        scalars: {
          Bytes: 'string',
          Date: 'string',
          DateTime: 'string',
          EmailAddress: 'string',
          Int64: { input: 'string | number', output: 'string' },
          JSON: 'unknown',
          URL: 'string',
          UUID: 'string',
          Void: 'null',
        },
      },
    },
  },
  importExtension: '.ts',
  emitLegacyCommonJSImports: false,
};

export default config;
