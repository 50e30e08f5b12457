// Mesh v0 has no current gRPC handler of its own on the registry; this is the thin one that its gRPC loader and
// transport need: the loader makes the annotated schema at build time, the transport gives it its resolvers.
const { PredefinedProxyOptions } = require('@graphql-mesh/store');
const { GrpcTransportHelper } = require('@graphql-mesh/transport-grpc');
const { loadGrpcSubgraph } = require('@omnigraph/grpc');

module.exports = class GrpcHandler {
  constructor({ name, config, baseDir, store, logger }) {
    this.name = name;
    this.config = config;
    this.baseDir = baseDir;
    this.logger = logger;
    this.stored = store.proxy('schemaWithAnnotations', PredefinedProxyOptions.GraphQLSchemaWithDiffing);
  }

  async getMeshSource() {
    const { name, config, baseDir, logger } = this;
    const schema = await this.stored.getWithSet(
      async () => loadGrpcSubgraph(name, config)({ cwd: baseDir, logger }).schema$,
    );
    const transport = new GrpcTransportHelper(name, baseDir, logger, config.endpoint, config);
    transport.processDirectives({ schema, creds: await transport.getCredentials() });
    return { schema };
  }
};
