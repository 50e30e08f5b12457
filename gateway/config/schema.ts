/** `gateway.yaml`: how the gateway is served. Every key has a default; unknown keys are faults; units are in the names. */
import { z } from 'zod';

const port = z.int().min(0).max(65535);
const host = z.string().min(1, 'must name a host or an address').max(255);
const milliseconds = z.int().min(1).max(3_600_000);
const bytes = z.int().min(1).max(1_073_741_824);

/** Headers that belong to one connection or to the message itself: forwarding them would corrupt the call (RFC 9110 §7.6.1). */
const unforwardable = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A header name in lower case, as both HTTP/2 and our own lookups want it (RFC 9110 §5.1). */
export const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'must be a header name')
  .transform((name) => name.toLowerCase())
  .refine((name) => !unforwardable.has(name), { error: 'belongs to the connection and cannot be used here' });

export const headerNames = z.array(headerName).max(100);

export const gatewaySchema = z
  .strictObject({
    listen: z
      .strictObject({
        host: host.default('0.0.0.0').describe('Address the GraphQL endpoint listens on (environment: HOST).'),
        port: port.default(4000).describe('Port of the GraphQL endpoint; 0 takes a free one (environment: PORT).'),
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
    graphiql: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether a browser that opens /graphql gets GraphiQL.'),
        title: z.string().min(1).max(200).default('Tributary').describe('Title of the GraphiQL page.'),
        defaultQuery: z.string().max(20_000).optional().describe('Query that GraphiQL opens with.'),
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
        upstreamBodyBytes: bytes
          .default(16_777_216)
          .describe('Largest answer read from one upstream call, in bytes after decompression.'),
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
    headers: z
      .strictObject({
        forward: headerNames
          .default([])
          .describe('Request headers sent on to every source; a policy can add more for its source.'),
      })
      .prefault({}),
  })
  .describe('How the gateway is served.');

/** `gateway.yaml` with all defaults filled in. */
export type GatewayConfig = z.output<typeof gatewaySchema>;
