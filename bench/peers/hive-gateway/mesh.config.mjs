import { defineConfig } from '@graphql-mesh/compose-cli';
import { loadOpenAPISubgraph } from '@omnigraph/openapi';

/** The posts workload: the same two contracts and the same keyed join as every other server gets. */
const forward = process.env.BENCH_FORWARD === 'true';
const subgraph = (name) => ({
  sourceHandler: loadOpenAPISubgraph(name, {
    source: `../../workloads/posts/${name}.openapi.yaml`,
    endpoint: `http://127.0.0.1:{env.BENCH_${name.toUpperCase()}_PORT}`,
    ...(forward ? { operationHeaders: { authorization: '{context.headers.authorization}' } } : {}),
  }),
});

export const composeConfig = defineConfig({
  subgraphs: [subgraph('posts'), subgraph('users')],
  additionalTypeDefs: `
    extend type Post {
      user: User
        @resolveTo(
          sourceName: "users"
          sourceTypeName: "Query"
          sourceFieldName: "users"
          requiredSelectionSet: "{ userId }"
          keyField: "userId"
          keysArg: "id"
          valueKeyField: "id"
        )
    }
  `,
});
