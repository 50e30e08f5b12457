import { resolve } from 'node:path';
import type { Manner } from '../../registry/registrar/types.ts';
import { SOURCE_KINDS, type SourceKind } from '../../registry/source-kinds.ts';
import {
  dirOption,
  failUnder,
  failUnderOption,
  jsonOption,
  type Option,
  projectDir,
  UsageError,
  type Values,
} from '../command.ts';
import type { Io } from '../io.ts';

/** Options of all verbs of `source`; each takes what concerns it. */
export const sourceOptions: Readonly<Record<string, Option>> = {
  endpoint: { type: 'string', value: 'URL', description: 'where the service is: a URL, or host:port for gRPC' },
  kind: { type: 'string', value: 'KIND', description: `${SOURCE_KINDS.join(', ')} (default: by the file's ending)` },
  name: { type: 'string', value: 'NAME', description: "name of the source (default: by the file's name)" },
  policy: { type: 'string', value: 'FILE', description: 'policy.yaml to bring along' },
  joins: { type: 'string', value: 'FILE', description: 'joins.graphql to bring along' },
  'include-dir': {
    type: 'string',
    value: 'DIR',
    multiple: true,
    description:
      'where files that the contract refers to may lie, beside its own folder (for .proto, also those above); may be given several times',
  },
  reflection: {
    type: 'string',
    value: 'ADDRESS',
    description: 'ask this gRPC server for its services: add NAME in place of a contract',
  },
  metadata: {
    type: 'string',
    value: 'NAME=VALUE',
    multiple: true,
    description: 'sent with gRPC calls and reflection; ${NAME} comes from the environment',
  },
  'accept-joins': { type: 'boolean', description: 'write the proposed joins into joins.graphql' },
  'fail-under': failUnderOption,
  'keep-removed': { type: 'boolean', description: 'with --gateway: keep what the contract dropped, deprecated' },
  hold: { type: 'boolean', description: 'with --gateway: keep the version without serving it, until it is promoted' },
  force: { type: 'boolean', description: 'with --gateway: change it although clients use what breaks; needs --reason' },
  reason: { type: 'string', value: 'TEXT', description: 'with --gateway: why; stands in the audit' },
  version: { type: 'string', value: 'N', description: 'with --gateway: the version the change is made for' },
  to: { type: 'string', value: 'N|URL', description: 'rollback: the version to go back to; promote: another gateway' },
  'to-token': { type: 'string', value: 'TOKEN', description: 'promote: the token of that gateway (default: --token)' },
  from: { type: 'string', value: 'N', description: 'diff: the older version (default: the one before)' },
  'dry-run': { type: 'boolean', description: 'only say what would come of it' },
  gateway: {
    type: 'string',
    value: 'URL',
    description: 'change a gateway that runs, by its admin port, in place of the project folder',
  },
  token: {
    type: 'string',
    value: 'TOKEN',
    description: 'who asks there (default: TRIBUTARY_TOKEN of the environment)',
  },
  dir: dirOption,
  json: jsonOption,
};

export function textOf(value: Values[string]): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function listOf(value: Values[string]): readonly string[] {
  return Array.isArray(value) ? value : [];
}

/** @throws UsageError when the value is no whole number, or not one that is wanted */
export function numberOf(values: Values, name: string, most = 1_000_000_000): number | undefined {
  const text = textOf(values[name]);
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
  throw new UsageError(`--${name} wants a whole number up to ${most}, not ${text}`);
}

/** A contract as the command line names it. */
export type Named = {
  dir: string;
  env: Io['env'];
  contract: string;
  endpoint: string | undefined;
  kind: SourceKind | undefined;
  name: string | undefined;
  includeDirs: readonly string[];
  reflection: string | undefined;
  metadata: Readonly<Record<string, string>>;
};

export function namedContract(io: Io, values: Values, contract: string): Named {
  const reflection = textOf(values['reflection']);
  return {
    dir: projectDir(io, values),
    env: io.env,
    contract: isUrl(contract) ? contract : resolve(io.cwd, contract),
    endpoint: textOf(values['endpoint']),
    kind: kindOf(values['kind']),
    name: textOf(values['name']) ?? (reflection === undefined ? undefined : contract),
    includeDirs: listOf(values['include-dir']).map((dir) => resolve(io.cwd, dir)),
    reflection,
    metadata: Object.fromEntries(listOf(values['metadata']).map(pairOf)),
  };
}

export function isUrl(contract: string): boolean {
  return /^https?:\/\//i.test(contract);
}

/** How a change is to be made, as the API of sources takes it. */
export function mannerOf(values: Values): Omit<Manner, 'expects'> {
  const least = failUnder(values);
  const reason = textOf(values['reason']);
  return {
    ...(values['dry-run'] === true ? { dryRun: true } : {}),
    ...(values['force'] === true ? { force: true } : {}),
    ...(values['accept-joins'] === true ? { acceptJoins: true } : {}),
    ...(values['keep-removed'] === true ? { keepRemoved: true } : {}),
    ...(values['hold'] === true ? { hold: true } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(least === undefined ? {} : { failUnder: least }),
  };
}

function kindOf(value: Values[string]): SourceKind | undefined {
  if (value === undefined) return undefined;
  const kind = SOURCE_KINDS.find((name) => name === value);
  if (!kind) throw new UsageError(`--kind is one of ${SOURCE_KINDS.join(', ')}`);
  return kind;
}

function pairOf(pair: string): [string, string] {
  const sign = pair.indexOf('=');
  if (sign < 1) throw new UsageError(`--metadata wants NAME=VALUE, not ${pair}`);
  return [pair.slice(0, sign), pair.slice(sign + 1)];
}
