/** `gateway.yaml`: how the gateway is served. Every key has a default; unknown keys are faults; units are in the names. */
import { z } from 'zod';
import { authorization, introspectionAccess } from './authorization.ts';
import { build } from './build.ts';
import { costLimits } from './cost.ts';
import { cors, csrf, origin } from './cross-site.ts';
import { execution } from './execution.ts';
import { headerNames, headerRules } from './headers.ts';
import { type IdentityConfig, identity } from './identity.ts';
import { listenTls } from './listen-tls.ts';
import { batching, operationLimits } from './operation-limits.ts';
import { operations } from './operations.ts';
import { persistedOperations } from './persisted-operations.ts';
import { concurrencyLimits, limitStore, rateLimits } from './rate-limits.ts';
import { redisSchema } from './redis.ts';
import { registration } from './registration.ts';
import { registry } from './registry.ts';
import { responseCache } from './response-cache.ts';
import type { TlsMaterial } from './tls-files.ts';
import { workers } from './workers.ts';

const port = z.int().min(0).max(65535);
const host = z.string().min(1, 'must name a host or an address').max(255);
const milliseconds = z.int().min(1).max(3_600_000);
const callCount = z.int().min(1).max(1_000_000);
const bytes = z.int().min(1).max(1_073_741_824);

export const gatewaySchema = z
  .strictObject({
    listen: z
      .strictObject({
        host: host.default('0.0.0.0').describe('Address the GraphQL endpoint listens on (environment: HOST).'),
        port: port.default(4000).describe('Port of the GraphQL endpoint; 0 takes a free one (environment: PORT).'),
        tls: listenTls.optional(),
      })
      .prefault({}),
    admin: z
      .strictObject({
        host: host
          .default('127.0.0.1')
          .describe(
            'Address of health, metrics and administration (environment: ADMIN_HOST). Loopback unless said otherwise.',
          ),
        port: port.default(4001).describe('Port of the same; 0 takes a free one (environment: ADMIN_PORT).'),
      })
      .prefault({}),
    workers,
    graphiql: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a browser that opens /graphql gets GraphiQL.'),
        title: z.string().min(1).max(200).default('Tributary').describe('Title of the GraphiQL page.'),
        defaultQuery: z
          .string()
          .max(20_000)
          .optional()
          .describe(
            'Query that GraphiQL opens with; without it one that is written from the schema, where introspection is for everybody.',
          ),
      })
      .prefault({}),
    explain: z
      .strictObject({
        principals: z
          .array(z.string().min(1).max(200))
          .max(1000)
          .default([])
          .describe('Ids of the principals who may have operations explained on this port; “anonymous” is everybody.'),
      })
      .prefault({}),
    deadline: z
      .strictObject({
        defaultMs: milliseconds
          .default(30_000)
          .describe('Time a request may take when it does not ask for less, in ms.'),
        maxMs: milliseconds.default(60_000).describe('The most a request may ask for, in ms.'),
      })
      .prefault({})
      .refine((deadline) => deadline.defaultMs <= deadline.maxMs, {
        path: ['defaultMs'],
        error: 'must not be above deadline.maxMs',
      }),
    drainMs: milliseconds
      .default(20_000)
      .describe('Time that requests in flight get to finish after SIGTERM or after a generation was replaced, in ms.'),
    limits: z
      .strictObject({
        bodyBytes: bytes.default(1_048_576).describe('Largest request body, in bytes.'),
        uploadBytes: bytes
          .default(16_777_216)
          .describe(
            'Largest request body with files (GraphQL multipart requests), in bytes; of it, what is no file, and files that wait for others, may take bodyBytes each.',
          ),
        uploadFiles: z
          .int()
          .min(0)
          .max(100)
          .default(10)
          .describe('Most files of one request; 0 refuses requests with files.'),
        upstreamBodyBytes: bytes
          .default(16_777_216)
          .describe('Largest answer read from one upstream call, in bytes after decompression.'),
        maxCallsPerOperation: callCount
          .default(1000)
          .describe(
            'Most upstream calls that one operation, or one event of a subscription, may ask for: LIMIT_CALLS.',
          ),
        maxCallsPerSource: callCount.default(500).describe('The same for the calls to any one source.'),
      })
      .prefault({}),
    operationLimits: operationLimits.prefault({}),
    batching: batching.prefault({}),
    persistedOperations: persistedOperations.prefault({}),
    cost: costLimits.prefault({}),
    rateLimits,
    concurrencyLimits,
    limitStore: limitStore.prefault({}),
    csrf: csrf.prefault({}),
    cors: cors.prefault({}),
    execution,
    callCache: z
      .strictObject({
        maxBytes: bytes
          .default(67_108_864)
          .describe(
            'Most memory that stored answers of all sources take, in bytes; those not used for longest go first.',
          ),
        unchangedBytes: z
          .int()
          .min(0)
          .max(1_073_741_824)
          .default(16_777_216)
          .describe(
            'Most memory of answers that are kept to recognize them, in bytes: one that comes again byte for byte is not read again, though every one is asked for. What operations wrote from them takes as much at most again. 0 keeps none.',
          ),
        redis: redisSchema({ prefix: 'tributary:calls:', timeoutMs: 250 })
          .optional()
          .describe('Stores answers in Redis.'),
      })
      .prefault({}),
    registration: registration.prefault({}),
    registry: registry.prefault({}),
    responseCache: responseCache.prefault({}),
    subscriptions: z
      .strictObject({
        max: z
          .int()
          .min(1)
          .max(1_000_000)
          .default(10_000)
          .describe('Most subscriptions, and answers with @defer or @stream, that are open at once.'),
        maxLifetimeMs: z
          .int()
          .min(1)
          .max(604_800_000)
          .optional()
          .describe(
            'Longest time of one subscription, in ms; without it a subscription lasts until either side ends it.',
          ),
      })
      .prefault({}),
    websocket: z
      .strictObject({
        connections: z
          .int()
          .min(0)
          .max(1_000_000)
          .default(1000)
          .describe('Most WebSocket connections at once; 0 switches WebSocket off.'),
        operationsPerConnection: z
          .int()
          .min(1)
          .max(10_000)
          .default(100)
          .describe('Most operations that one WebSocket connection may have open at once.'),
        messageBytes: bytes.default(1_048_576).describe('Largest message a WebSocket client may send, in bytes.'),
        initWaitMs: milliseconds.default(3000).describe('Time a WebSocket client has to send connection_init, in ms.'),
        pingMs: milliseconds
          .default(12_000)
          .describe('Time between two pings; a WebSocket client that answered none of them until the next is cut off.'),
        origins: z
          .array(origin)
          .max(100)
          .default([])
          .describe('Origins whose pages may connect by WebSocket, beside the gateway’s own.'),
        initHeaders: headerNames
          .default([])
          .describe(
            'Names under which the payload of connection_init may give what HTTP gives in a header, for example authorization.',
          ),
      })
      .prefault({}),
    log: z
      .strictObject({
        level: z
          .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
          .default('info')
          .describe('Least level that is logged (environment: LOG_LEVEL).'),
        pretty: z
          .enum(['auto', 'on', 'off'])
          .default('auto')
          .describe('Text for people in place of JSON lines; auto means on a terminal only.'),
      })
      .prefault({}),
    watch: z
      .boolean()
      .default(false)
      .describe('Whether changes of .meshrc.yaml and sources/ are taken up while serving (SIGHUP always does).'),
    headers: headerRules('to every source').prefault({}),
    operations: operations.prefault({}),
    build: build.prefault({}),
    identity,
    authorization,
    introspection: introspectionAccess,
  })
  .refine(({ websocket, identity: { trustedProxy } }) => !saysProxyHeader(websocket.initHeaders, trustedProxy), {
    path: ['websocket', 'initHeaders'],
    error: 'must name no header of identity.trustedProxy: every client could write it',
  })
  .refine((config) => config.identity.mtls === undefined || seesCertificates(config), {
    path: ['identity', 'mtls'],
    error: 'needs listen.tls.caFile, or identity.trustedProxy.headers.certificate: no certificate would ever be seen',
  })
  .describe('How the gateway is served.');

type Shown = { readonly listen: { readonly tls?: unknown }; readonly identity: IdentityConfig };

/** Whether a certificate of a client can ever be seen. */
function seesCertificates({ listen, identity }: Shown): boolean {
  const { caFile } = (listen.tls ?? {}) as { caFile?: string };
  return caFile !== undefined || identity.trustedProxy?.headers.certificate !== undefined;
}

function saysProxyHeader(names: readonly string[], trustedProxy: IdentityConfig['trustedProxy']): boolean {
  return Object.values(trustedProxy?.headers ?? {}).some((name) => name !== undefined && names.includes(name));
}

/** `gateway.yaml` with all defaults filled in. */
export type GatewayConfig = z.output<typeof gatewaySchema> & {
  /** What the file of `persistedOperations.manifest` holds, once it was read: text by hash. */
  readonly manifest?: ReadonlyMap<string, string>;
  /** What the files of `listen.tls` hold, once they were read. */
  readonly tlsMaterial?: TlsMaterial;
  /** Environment variables that the file is filled in from: nobody else reads them. */
  readonly variables?: readonly string[];
};
