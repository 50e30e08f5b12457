/** `sources/<name>/policy.yaml`: what the gateway may assume about one source. Every key is optional; unknown keys are faults. */
import { z } from 'zod';
import { auth, tls } from './auth.ts';
import { cacheCoordinate } from './cache-control.ts';
import { coordinate, coordinateRequirements, defaultRequirements } from './coordinates.ts';
import { callWeight, costOfCoordinate } from './cost.ts';
import { selectors } from './exposure.ts';
import { headerRules, responseHeaders } from './headers.ts';
import { batchSize, graphqlName, merge } from './merge.ts';
import { rateLimitOfCoordinate } from './rate-limits.ts';
import {
  breaker,
  cacheAges,
  concurrency,
  connections,
  endpointHealth,
  endpointOutlier,
  hedge,
  retry,
  sourceCache,
} from './rules.ts';
import { sourceState, watchedContract } from './source.ts';
import type { TlsMaterial } from './tls-files.ts';

const wireName = z.string().min(1).max(512);

const endpoint = z
  .string()
  .max(2048)
  .regex(
    /^((https?|grpcs?):\/\/[^\s/]+\S*|[^\s/:]+:\d{1,5}|\[[0-9a-fA-F:.]+\]:\d{1,5}|(dns|ipv4|ipv6|unix):\S+)$/,
    'must be an http(s) URL or host:port, for gRPC also grpc(s)://host:port or dns:///host:port',
  );

const internalHost = z
  .string()
  .max(255)
  .regex(
    /^([A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[?[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+\]?)$/,
    'must be a host: a name or an address, without scheme and port',
  );

const subscriptions = z.strictObject({
  protocol: z
    .enum(['sse', 'graphql-ws'])
    .default('sse')
    .describe(
      'How they are asked for: server-sent events (graphql-sse, distinct connections), or WebSocket (graphql-transport-ws).',
    ),
  url: z
    .string()
    .max(2048)
    .regex(
      /^((https?|wss?):\/\/[^\s/\\]+\S*|\/(?![/\\])\S*)$/,
      'must be an http(s) or ws(s) URL, or a path that begins with one slash',
    )
    .optional()
    .describe('Where they are opened: a URL, or a path on each endpoint’s host. Without this key the endpoint itself.'),
});

const operation = z.strictObject({
  kind: z.enum(['query', 'mutation']).optional().describe('Overrides the guess whether the operation reads or writes.'),
  idempotent: z
    .boolean()
    .optional()
    .describe(
      'Whether sending the call twice does no more than sending it once, so that it may be tried again; without this key queries may and mutations never.',
    ),
  cache: cacheAges
    .optional()
    .describe('How long answers are kept, whatever the source itself says of that, but for no-store.'),
  notFound: z
    .enum(['null', 'error'])
    .or(z.null().transform(() => 'null' as const))
    .optional()
    .describe('What an upstream "not found" becomes: null, or an error of the field.'),
  batchSize: batchSize.optional().describe('Most keys that one bulk call of this operation takes.'),
  headers: headerRules('by this operation').optional().describe('Rules for headers, closer than those of the source.'),
  responseHeaders: responseHeaders
    .optional()
    .describe('Which headers of its answers clients see, closer than what the source says.'),
  stream: z
    .enum(['subscription', 'list'])
    .optional()
    .describe(
      'What a stream of answers is: a subscription (without this key), or a list of a query or mutation, whole or with @stream.',
    ),
  maxItems: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Most items of a stream that is a list (1000 without this key); one more is an error of the field.'),
  exclude: z
    .boolean()
    .optional()
    .describe('Leaves the operation out of the schema, or serves it (false), whatever selectors say.'),
  weight: callWeight,
});

export const policySchema = z
  .strictObject({
    owner: z.string().min(1).max(200).optional().describe('Team that answers for the source.'),
    state: sourceState.optional().describe('What the gateway makes of the source, where it is not simply served.'),
    contract: watchedContract
      .optional()
      .describe('Where the contract comes from, when the gateway is to look after it.'),
    endpoints: z
      .strictObject({
        static: z
          .array(endpoint)
          .min(1)
          .max(100)
          .optional()
          .describe(
            'Addresses; they win over .meshrc.yaml and contract. Calls are spread over them. An http(s) URL or host:port; for gRPC also grpc://, grpcs://, and targets of grpc-js (dns:///host:port).',
          ),
        variables: z
          .record(
            wireName,
            z.string().regex(/^[\w.~:/-]{1,255}$/, 'must hold nothing but letters, digits and . _ ~ : / -'),
          )
          .default({})
          .describe('Values for the variables of the contract’s own server, where no address is named.'),
        allowInternal: z
          .array(internalHost)
          .max(100)
          .default([])
          .describe(
            'Hosts that may be called although they are link-local or serve cloud metadata, or although they are internal and only the contract names them.',
          ),
        outlier: endpointOutlier.prefault({}).describe('When one of several addresses is left out for a while.'),
        health: endpointHealth.optional().describe('Asks each of several addresses regularly whether it is well.'),
      })
      .prefault({}),
    deadlineMs: z
      .int()
      .min(1)
      .max(600_000)
      .optional()
      .describe('Longest time of one call, in ms; never above the request’s own.'),
    maxRequestBytes: z
      .int()
      .min(1024)
      .max(1_073_741_824)
      .optional()
      .describe(
        'Largest body of one request to the source, without the files in it, in bytes: LIMIT_REQUEST_SIZE. Without this key it is four times limits.bodyBytes of gateway.yaml.',
      ),
    retry: retry.optional().describe('Sends calls again that failed and may be repeated. Off without this key.'),
    hedge: hedge.optional().describe('Asks a second time when a read takes unusually long. Off without this key.'),
    breaker: breaker
      .optional()
      .describe('Gives operations that fail too often a rest: CIRCUIT_OPEN. Off without this key.'),
    concurrency: concurrency
      .optional()
      .describe(
        'How many calls the source gets at a time, a number or in detail; one too many is SOURCE_UNAVAILABLE. Off without this key.',
      ),
    connections: connections.prefault({}).describe('How many connections calls are made over.'),
    coalesce: z.boolean().default(true).describe('Whether equal reads that are under way share one call.'),
    cache: sourceCache.prefault({}).describe('What is kept of the answers of a REST source.'),
    auth: auth.optional().describe('Who the gateway is to the source: exactly one scheme. Stronger than all headers.'),
    tls: tls
      .optional()
      .describe('How the source is spoken to over TLS. Files are looked for from the folder of the policy.'),
    headers: headerRules('to this source').prefault({}),
    responseHeaders: responseHeaders
      .optional()
      .describe('Which headers of the source’s answers clients see. None without this key.'),
    subscriptions: subscriptions.prefault({}).describe('How subscriptions of a GraphQL source are opened.'),
    errors: z
      .strictObject({
        expose: z
          .enum(['none', 'problem'])
          .default('none')
          .describe(
            'What clients see of the source’s own words about an error: nothing, or what is declared of them (RFC 9457, google.rpc.Status, the properties that an OpenAPI contract gives to its error responses), as extensions.problem.',
          ),
      })
      .prefault({}),
    nullability: z
      .enum(['lenient', 'strict'])
      .default('lenient')
      .describe(
        'Whether properties that the OpenAPI contract requires are non-null in answers: strict believes the contract, and an answer that lacks one takes its parent with it.',
      ),
    names: z
      .strictObject({
        types: z.record(wireName, graphqlName).default({}).describe('New names of types, by generated name.'),
        fields: z.record(wireName, graphqlName).default({}).describe('New names of fields, by Type.field.'),
        operations: z
          .record(wireName, graphqlName)
          .default({})
          .describe('New names of root fields, by operation name on the wire.'),
      })
      .prefault({}),
    include: selectors
      .optional()
      .describe('Serves only the operations that fit one of these selectors. Without this key all are served.'),
    exclude: selectors
      .optional()
      .describe('Leaves out the operations that fit one of these selectors, also those that are included.'),
    operations: z
      .record(graphqlName, operation)
      .default({})
      .describe('Rules for root fields, by their name in the schema.'),
    coordinates: z
      .record(
        coordinate,
        z.strictObject({
          ...costOfCoordinate,
          ...rateLimitOfCoordinate,
          merge: merge.optional().describe('Makes the field an entry by key into a type that other sources share.'),
          ...cacheCoordinate,
          ...coordinateRequirements,
        }),
      )
      .default({})
      .describe('Rules for what exists, by coordinate: Type, Type.field, Input.field, Type.field.argument.'),
    defaults: defaultRequirements.optional(),
  })
  .describe('What the gateway may assume about one source.');

/** One source's policy with all defaults filled in. */
export type Policy = z.output<typeof policySchema> & {
  /** What the files of `tls` hold, once they were read. */
  readonly tlsMaterial?: TlsMaterial;
};
export type OperationPolicy = z.output<typeof operation>;
export type SubscriptionsPolicy = z.output<typeof subscriptions>;
export type MergePolicy = z.output<typeof merge>;

/** The policy of a source that has no file. */
export function defaultPolicy(): Policy {
  return policySchema.parse({});
}
