import { resolve } from 'node:path';
import { type KeyRecord, keyRecord } from '../config/api-keys.ts';
import { formatFaults } from '../config/faults.ts';
import { loadGatewayConfig } from '../config/load.ts';
import { Secret } from '../config/secret.ts';
import { GatewayError } from '../errors.ts';
import { makeKey, rotate } from '../identify/new-key.ts';
import type { Command, Values } from './command.ts';
import { dirOption, jsonOption, projectDir, UsageError } from './command.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { asText, type KeyPlace, openKeyFile, openKeyRedis, tidy } from './key-place.ts';

const DEFAULT_PREFIX = 'tributary:{keys}:';
const DEFAULT_KEEP = '7d';
const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Makes API keys. A key is shown once and kept nowhere: files and Redis hold its hash. */
export const key: Command = {
  name: 'key',
  summary: 'Make an API key, put a new one in its place, or take one back',
  operands: 'create | rotate | revoke',
  options: {
    id: { type: 'string', value: 'ID', description: 'who the key belongs to (create: by its name)' },
    name: { type: 'string', value: 'NAME', description: 'the same for people' },
    scopes: { type: 'string', value: 'LIST', description: 'scopes that are granted, divided by commas' },
    roles: { type: 'string', value: 'LIST', description: 'roles that are granted, divided by commas' },
    tenant: { type: 'string', value: 'TENANT', description: 'tenant of who has the key' },
    claim: {
      type: 'string',
      value: 'NAME=VALUE',
      multiple: true,
      description: 'what else rules may compare; may be given several times',
    },
    expires: { type: 'string', value: 'TIME', description: 'when it ends: 90d, 12h, or a moment (default: never)' },
    keep: {
      type: 'string',
      value: 'TIME',
      description: `rotate: how long the key before goes on (default: ${DEFAULT_KEEP})`,
    },
    file: { type: 'string', value: 'FILE', description: 'file of keys that is written (identity.apiKeys.file)' },
    redis: {
      type: 'string',
      value: 'URL',
      description: 'server of Redis that is written (identity.apiKeys.redis.url)',
    },
    prefix: {
      type: 'string',
      value: 'PREFIX',
      description: `what keys of Redis begin with (default: ${DEFAULT_PREFIX})`,
    },
    configured: {
      type: 'boolean',
      description:
        'what gateway.yaml names below identity.apiKeys is written: its redis (Sentinel and Cluster too), else its file',
    },
    dir: dirOption,
    json: jsonOption,
  },
  examples: [
    "tributary key create --name 'Web shop' --scopes orders:read,orders:write --expires 90d",
    'tributary key create --name support --roles support --file keys.yaml',
    'tributary key rotate --id web-shop --keep 7d --file keys.yaml',
    'tributary key revoke --id web-shop --redis redis://127.0.0.1:6379',
    'tributary key revoke --id web-shop --configured --dir examples/shop',
  ],
  async run(io, values, operands) {
    const [verb, extra] = operands;
    if (extra !== undefined) throw new UsageError(`"${extra}" is too much: key takes one of create, rotate, revoke`);
    await using place = await openPlace(io, values);
    if (verb === 'create') return await create(io, values, place);
    if (verb === 'rotate') return await change(io, values, place, 'rotate');
    if (verb === 'revoke') return await change(io, values, place, 'revoke');
    throw new UsageError('key wants `create`, `rotate` or `revoke`');
  },
};

async function create(io: Io, values: Values, place: KeyPlace | undefined): Promise<ExitCode> {
  const name = text(values['name']);
  const id = text(values['id']) ?? name?.toLowerCase().replace(/[^a-z0-9._-]+/g, '-');
  if (id === undefined) throw new UsageError('key create wants --name, for people, or --id');
  if (await place?.read(id)) throw new UsageError(`there is a key of ${id} already: rotate it, or choose another --id`);
  const made = makeKey();
  const expires = text(values['expires']);
  const parsed = keyRecord.safeParse({
    id,
    name,
    tenant: text(values['tenant']),
    roles: list(values['roles']),
    scopes: list(values['scopes']),
    claims: Object.fromEntries(several(values['claim']).map(pairOf)),
    secrets: [{ hash: made.hash, ...(expires && { expiresAt: new Date(momentOf(expires)).toISOString() }) }],
  });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`--${String(issue?.path[0] ?? 'id')} ${issue?.message}`);
  }
  await place?.put(parsed.data);
  return tell(io, values, made.key, parsed.data, place !== undefined);
}

async function change(
  io: Io,
  values: Values,
  place: KeyPlace | undefined,
  verb: 'rotate' | 'revoke',
): Promise<ExitCode> {
  const id = text(values['id']);
  if (id === undefined || place === undefined)
    throw new UsageError(`key ${verb} wants --id, and --file, --redis or --configured`);
  const record = await place.read(id);
  if (!record) throw new UsageError(`there is no key of ${id} there`);
  if (verb === 'revoke') {
    await place.delete(id);
    io.out(values['json'] === true ? `${JSON.stringify({ id })}\n` : `The key of ${id} is taken back.\n`);
    return exitCodes.ok;
  }
  const made = makeKey();
  const expires = text(values['expires']);
  const secret = { hash: made.hash, ...(expires && { expiresAt: momentOf(expires) }) };
  const rotated = rotate(record, secret, { keepUntil: momentOf(text(values['keep']) ?? DEFAULT_KEEP) });
  await place.put(rotated);
  return tell(io, values, made.key, rotated, true);
}

function tell(io: Io, values: Values, made: string, record: KeyRecord, isWritten: boolean): ExitCode {
  if (values['json'] === true) {
    io.out(`${JSON.stringify({ key: made, record: tidy(record) }, null, 2)}\n`);
    return exitCodes.ok;
  }
  const where = isWritten
    ? 'Its record is written; it holds the hash alone:'
    : 'Put its record below identity.apiKeys.keys, or into a file of keys:';
  io.out(
    `The key, which is shown this once:\n\n  ${made}\n\n${where}\n\n${asText(record).replace(/^(?=.)/gm, '  ')}\n`,
  );
  return exitCodes.ok;
}

async function openPlace(io: Io, values: Values): Promise<KeyPlace | undefined> {
  const [file, url, prefix] = [text(values['file']), text(values['redis']), text(values['prefix'])];
  const isConfigured = values['configured'] === true;
  if ([file !== undefined, url !== undefined, isConfigured].filter(Boolean).length > 1)
    throw new UsageError('--file, --redis and --configured exclude each other');
  if (file !== undefined) return await openKeyFile(resolve(io.cwd, file));
  if (url !== undefined) return await openKeyRedis({ url: new Secret(url), prefix: prefix ?? DEFAULT_PREFIX });
  return isConfigured ? await openConfigured(io, projectDir(io, values)) : undefined;
}

/** Where the gateway of a project looks keys up: in its Redis, else in its file. */
async function openConfigured(io: Io, dir: string): Promise<KeyPlace> {
  const loaded = await loadGatewayConfig({ dir, env: io.env });
  if (!loaded.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(loaded.faults) });
  const { redis, file } = loaded.value.identity.apiKeys ?? {};
  if (redis) return await openKeyRedis(redis);
  if (file !== undefined) return await openKeyFile(file);
  throw new UsageError('--configured wants identity.apiKeys.redis or .file in gateway.yaml');
}

/** Milliseconds since the epoch: a moment as it is written, or so long from now. */
function momentOf(value: string): number {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(value) ?? [];
  const moment =
    amount === undefined ? Date.parse(value) : Date.now() + Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
  if (Number.isNaN(moment)) throw new UsageError(`"${value}" is no time: write 90d, 12h, 30m, or 2027-01-31T00:00:00Z`);
  return moment;
}

function text(value: Values[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function list(value: Values[string]): string[] {
  return (text(value) ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
}

function several(value: Values[string]): readonly string[] {
  return Array.isArray(value) ? value : [];
}

function pairOf(pair: string): [string, string] {
  const sign = pair.indexOf('=');
  if (sign < 1) throw new UsageError(`--claim wants NAME=VALUE, not ${pair}`);
  return [pair.slice(0, sign), pair.slice(sign + 1)];
}
