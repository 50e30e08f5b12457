/** How to reach Redis: one server, a group that Sentinels watch, or a Cluster. The same in every section that stores something there. */
import { z } from 'zod';
import { Secret } from './secret.ts';

const hide = (text: string): Secret => new Secret(text);
const password = z.string().min(1).max(16_384).transform(hide);

function hosts(port: number): z.ZodType<{ host: string; port: number }[], unknown> {
  return z
    .array(
      z.strictObject({
        host: z.string().min(1).max(255).describe('Name or address.'),
        port: z.int().min(1).max(65_535).default(port).describe(`Port (${port} without this key).`),
      }),
    )
    .min(1)
    .max(100);
}

const login = {
  username: z.string().min(1).max(1024).optional().describe('Name of the user (ACL), where it is not “default”.'),
  password: password.optional().describe('Password of the servers. Write it with ${ENV}.'),
  tls: z.boolean().default(false).describe('Whether connections are made over TLS (false without this key).'),
};

type Defaults = { readonly prefix: string; readonly timeoutMs: number };

/** The keys of a section about Redis, with `prefix` and `timeoutMs` as who uses it has them by default. `onePlace` belongs to them. */
export function redisKeys(defaults: Defaults) {
  return {
    url: z
      .string()
      .regex(/^rediss?:\/\/\S{1,2000}$/, 'must be a redis:// or rediss:// URL')
      .refine((text) => URL.canParse(text), { error: 'must be a redis:// or rediss:// URL' })
      .transform(hide)
      .optional()
      .describe('One server: redis://[user:password@]host:6379/0, or rediss:// for TLS.'),
    sentinel: z
      .strictObject({
        name: z.string().min(1).max(255).describe('Name that the Sentinels know the group by.'),
        sentinels: hosts(26_379).describe('The Sentinels: host and port of each.'),
        sentinelPassword: password.optional().describe('Password of the Sentinels themselves. Write it with ${ENV}.'),
        ...login,
        db: z.int().min(0).max(65_535).default(0).describe('Number of the database (0 without this key).'),
      })
      .optional()
      .describe('A group of servers that Sentinels watch, in place of url.'),
    cluster: z
      .strictObject({
        nodes: hosts(6379).describe('Some of its servers, host and port of each; they name the others.'),
        ...login,
      })
      .optional()
      .describe('A Redis Cluster, in place of url.'),
    prefix: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^{}]*(\{[^{}]+\}[^{}]*)?$/, 'may hold braces once, around a word')
      .default(defaults.prefix)
      .describe(`Stands before every key (${defaults.prefix} without this key).`),
    timeoutMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(defaults.timeoutMs)
      .describe(
        `Longest time of one command, in ms (${defaults.timeoutMs} without this key); while there is no connection, commands fail at once.`,
      ),
  };
}

type Places = { readonly url?: unknown; readonly sentinel?: unknown; readonly cluster?: unknown };

/** Exactly one of `url`, `sentinel` and `cluster` stands in a section. */
export function onePlace({ url, sentinel, cluster }: Places): boolean {
  return [url, sentinel, cluster].filter((place) => place !== undefined).length === 1;
}

export const onePlaceFault = { error: 'needs exactly one of url, sentinel and cluster' };

/** A section about Redis that holds nothing else. */
export function redisSchema(defaults: Defaults) {
  return z.strictObject(redisKeys(defaults)).refine(onePlace, onePlaceFault);
}

export type RedisConfig = z.output<ReturnType<typeof redisSchema>>;
