/** `registration` of gateway.yaml: who may change sources while the gateway serves, and within which bounds. */
import { z } from 'zod';
import { Secret } from './secret.ts';

/** A token is as good as a password that nobody has to remember. */
export const MIN_TOKEN_LENGTH = 16;

const team = z.string().min(1).max(200);

const token = z
  .strictObject({
    name: z.string().min(1).max(200).describe('Who it is: stands in the audit of every change.'),
    token: z
      .string()
      .min(MIN_TOKEN_LENGTH, `must have at least ${MIN_TOKEN_LENGTH} characters`)
      .max(512)
      .transform((text) => new Secret(text))
      .optional()
      .describe('The token itself, best as ${NAME} from the environment.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hex, as `sha256sum` prints it')
      .optional()
      .describe('In place of the token its SHA-256 in hex.'),
    owners: z
      .array(team)
      .min(1)
      .max(100)
      .describe('Teams whose sources it may change, by `owner` of their policies; `*` is every source.'),
  })
  .refine((value) => (value.token === undefined) !== (value.sha256 === undefined), {
    error: 'needs either token or sha256',
  });

export const registration = z.strictObject({
  tokens: z
    .array(token)
    .max(1000)
    .default([])
    .describe(
      'Who may change sources on the admin port. TRIBUTARY_TOKEN in the environment is one more, for every source.',
    ),
  variables: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/, 'must be the name of a variable'))
    .max(1000)
    .default([])
    .describe('Environment variables that every uploaded policy may use, beside those of its own source.'),
  allowInternal: z
    .array(z.string().min(1).max(255))
    .max(100)
    .default([])
    .describe('Internal hosts that contracts may be fetched from by URL.'),
  maxUploadBytes: z
    .int()
    .min(1024)
    .max(268_435_456)
    .default(33_554_432)
    .describe('Largest upload, and largest contract fetched by URL, in bytes.'),
  fetchTimeoutMs: z.int().min(1).max(600_000).default(30_000).describe('Longest time of fetching a contract, in ms.'),
});
