/**
 * Who may import whom. Rows are read downward: a row may import from the rows below it, never from above, and never from a
 * neighbour in its own row unless the row says `neighbours: true`.
 */
const stages = ['http', 'identify', 'validate', 'record', 'authorize', 'limit', 'cache', 'share', 'explain', 'respond'];
const rows = [
  { units: ['main.ts'] },
  { units: ['cli/'] },
  { units: ['app.ts'] },
  { units: ['admin/', 'lanes.ts'] },
  { units: ['pipeline.ts', 'registry/'] },
  { units: [...stages.map((stage) => `${stage}/`), 'compose/', 'ingest/'] },
  { units: ['execute/'] },
  { units: ['connect/'] },
  { units: ['context.ts', 'errors.ts', 'observe/', 'config/'], neighbours: true },
  { units: ['lib/'] },
];

const literal = (text) => text.replace(/[.]/g, '\\.');
const place = (units) => `^gateway/(${units.map((unit) => literal(unit.endsWith('/') ? unit : `${unit}$`)).join('|')})`;

/** One rule per unit: what stands above it, and its neighbours. */
function directionRules() {
  const rules = [];
  for (const [index, row] of rows.entries()) {
    const above = rows.slice(0, index).flatMap(({ units }) => units);
    for (const unit of row.units) {
      const beside = row.neighbours ? [] : row.units.filter((other) => other !== unit);
      const closed = [...above, ...beside];
      if (closed.length === 0) continue;
      const isStage = stages.includes(unit.slice(0, -1));
      rules.push({
        name: `direction-${unit.replace(/[/.]|ts$/g, '')}`,
        comment: isStage
          ? `gateway/${unit} is a stage: stages talk through slots of the request context, never to each other or to what is above.`
          : `gateway/${unit} may only import what stands below it: arrows never point back.`,
        severity: 'error',
        from: { path: place([unit]) },
        to: { path: place(closed) },
      });
    }
  }
  return rules;
}

/** One door per library: an upgrade or a replacement then touches one folder. */
function door(library, modules, doors, why) {
  return {
    name: `door-${library}`,
    comment: `${library} is imported in ${doors.join(', ')} only: ${why}`,
    severity: 'error',
    from: { path: '^gateway/', pathNot: doors },
    to: { path: modules.map((module) => `(^|/)node_modules/${module}/`) },
  };
}

module.exports = {
  forbidden: [
    ...directionRules(),
    door(
      'mesh',
      ['@graphql-mesh/[^/]+', '@omnigraph/[^/]+'],
      ['^gateway/ingest/'],
      'a serving process never loads Mesh.',
    ),
    door(
      'stitch',
      ['@graphql-tools/stitch'],
      ['^gateway/compose/'],
      'its product is text; requests never run through it.',
    ),
    door(
      'graphql-inspector',
      ['@graphql-inspector/core'],
      ['^gateway/registry/impact[^/]*\\.ts$'],
      'schemas are compared in the build worker, never while requests are served.',
    ),
    door(
      'ioredis',
      ['ioredis'],
      ['^gateway/.+/redis-[^/]+\\.ts$', '^gateway/app\\.ts$'],
      'every store comes twice, in memory and on Redis, behind one interface.',
    ),
    door(
      'ws',
      ['ws', 'graphql-ws'],
      ['^gateway/http/', '^gateway/connect/graphql/socket\\.ts$'],
      'connections of clients belong to the http stage, those to GraphQL sources to one file of their connector.',
    ),
    door('saxes', ['saxes'], ['^gateway/connect/rest/xml\\.ts$'], 'XML is parsed in one place.'),
    door('busboy', ['@fastify/busboy'], ['^gateway/http/multipart\\.ts$'], 'forms of parts are parsed in one place.'),
    door('undici', ['undici'], ['^gateway/connect/rest/'], 'all REST calls go through one connector and its rules.'),
    door(
      'grpc-js',
      ['@grpc/grpc-js'],
      ['^gateway/connect/grpc/'],
      'all gRPC calls go through one connector and its rules.',
    ),
    door(
      'yoga',
      ['graphql-yoga', '@graphql-yoga/[^/]+', '@envelop/[^/]+'],
      [
        '^gateway/app\\.ts$',
        '^gateway/pipeline\\.ts$',
        '^gateway/http/short/entry\\.ts$',
        `^gateway/(${stages.join('|')})/index\\.ts$`,
      ],
      'stages are plain functions; plugins are thin adapters over them.',
    ),
    door('jose', ['jose'], ['^gateway/identify/'], 'tokens are checked in one place.'),
    door(
      'shield',
      ['graphql-shield'],
      ['^gateway/authorize/shield\\.ts$'],
      'its rules are asked by themselves, and never wrapped around resolvers.',
    ),
    door('pino', ['pino', 'pino-pretty'], ['^gateway/observe/'], 'redaction is set up in one place.'),
    door('prom-client', ['prom-client'], ['^gateway/observe/'], 'labels are bounded in one place.'),
    door('hono', ['hono', '@hono/[^/]+'], ['^gateway/admin/'], 'only the admin port is served by it.'),
    {
      name: 'process-belongs-to-main',
      comment: 'Only main.ts touches argv, environment, signals and exit: everything else gets them as arguments.',
      severity: 'error',
      from: { path: '^gateway/', pathNot: ['^gateway/main\\.ts$', '^gateway/config/env\\.ts$'] },
      to: { path: '^(node:)?process$' },
    },
    {
      name: 'gateway-stands-alone',
      comment: 'The gateway is shipped without examples, benchmarks, tests and scripts.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { path: '^(examples|bench|test|scripts|sources|schemas)/' },
    },
    {
      name: 'gateway-needs-no-dev-dependency',
      comment: 'What the gateway imports has to be in dependencies: production installs nothing else.',
      severity: 'error',
      from: { path: '^gateway/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], pathNot: ['/node_modules/@types/'] },
    },
    {
      name: 'examples-stand-alone',
      comment: 'The example services are upstreams like any other and know nothing of the gateway.',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(gateway|bench|test)/' },
    },
    {
      name: 'no-cycles',
      comment: 'A cycle means two files are one, or a third is missing.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'The module does not exist, so that no rule about it can hold.',
      severity: 'error',
      // Programs of the benchmark's peers run with packages of their own, which are installed when they are measured.
      from: { pathNot: '^bench/peers/[^/]+/[^/]+\\.mjs$' },
      // Declarations without a program beside them: the compiler finds those, this tool does not.
      to: { couldNotResolve: true, pathNot: '^(fastify/types/|@graphql-typed-document-node/core)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Peers bring their own packages, installed when they are measured.
    exclude: { path: '^(dist|bench/peers/[^/]+/(node_modules|\\.mesh)|bench/peers/mesh-v0/shop)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'],
    },
  },
};
