/** Looking at sources: in the project folder, or at a gateway that runs. */
import { join } from 'node:path';
import { formatFaults } from '../../config/faults.ts';
import { GatewayError } from '../../errors.ts';
import type { Impact } from '../../registry/impact.ts';
import type { AuditRecord, SourceDetail, SourceSummary } from '../../registry/registrar/types.ts';
import { readText, readTree } from '../../registry/tree.ts';
import { columns, projectDir, UsageError, type Values } from '../command.ts';
import { type ExitCode, exitCodes, type Io } from '../io.ts';
import { describeReport } from '../report-text.ts';
import type { Api } from './api.ts';
import { updateLocally } from './local.ts';
import { numberOf } from './options.ts';
import { at } from './remote.ts';
import { impactText } from './text.ts';

export async function list(io: Io, values: Values, api: Api | undefined): Promise<ExitCode> {
  const sources = api
    ? (await api.ask<{ sources: SourceSummary[] }>('GET', '/sources')).sources
    : await localSources(io, values);
  if (values['json'] === true) io.out(`${JSON.stringify({ sources }, null, 2)}\n`);
  else if (sources.length === 0) io.out('There are no sources.\n');
  else io.out(`${columns(sources.map((source) => [source.name, lineOf(source)])).join('\n')}\n`);
  return exitCodes.ok;
}

export async function show(io: Io, values: Values, api: Api | undefined, name: string): Promise<ExitCode> {
  if (!api) {
    const source = (await localSources(io, values)).find((each) => each.name === name);
    if (!source) throw new GatewayError('BAD_REQUEST', { message: `.meshrc.yaml has no source ${name}.` });
    const dir = projectDir(io, values);
    const files = Object.fromEntries(
      await Promise.all(
        ['policy.yaml', 'joins.graphql'].map(async (file) => [
          file,
          (await readText(join(dir, 'sources', name, file))) ?? '',
        ]),
      ),
    ) as Record<string, string>;
    return tell(io, values, { ...source, versions: [], changes: [], files });
  }
  return tell(io, values, await api.ask<SourceDetail>('GET', at(name)));
}

/** What differs between two versions of a source, or between what the project serves and what another contract would give. */
export async function diff(
  io: Io,
  values: Values,
  api: Api | undefined,
  name: string,
  contract: string | undefined,
): Promise<ExitCode> {
  if (!api) {
    if (contract === undefined) throw new UsageError('source diff wants NAME and CONTRACT, or --gateway');
    return updateLocally(io, { ...values, 'dry-run': true }, name, contract);
  }
  const query = new URLSearchParams();
  for (const key of ['from', 'to']) {
    const version = numberOf(values, key);
    if (version !== undefined) query.set(key, String(version));
  }
  const difference = await api.ask<{ from: number; to: number; changes: Impact }>('GET', `${at(name)}/diff?${query}`);
  const head = `${name}: version ${difference.from} to version ${difference.to}`;
  io.out(
    values['json'] === true
      ? `${JSON.stringify(difference, null, 2)}\n`
      : `${[head, ...impactText(difference.changes)].join('\n')}\n`,
  );
  return exitCodes.ok;
}

async function localSources(io: Io, values: Values): Promise<SourceSummary[]> {
  const read = await readTree(projectDir(io, values), io.env);
  if (!read.ok) throw new GatewayError('BAD_REQUEST', { message: formatFaults(read.faults) });
  return read.tree.sources.map(({ name, kind, policy, fault }): SourceSummary => {
    const message = fault ?? policy.state?.reason;
    return {
      name,
      kind,
      state: fault === undefined ? (policy.state?.is ?? 'active') : 'degraded',
      from: 'tree',
      ...(policy.owner === undefined ? {} : { owner: policy.owner }),
      ...(message === undefined ? {} : { message }),
    };
  });
}

function tell(io: Io, values: Values, source: SourceDetail): ExitCode {
  if (values['json'] === true) {
    io.out(`${JSON.stringify(source, null, 2)}\n`);
    return exitCodes.ok;
  }
  const lines = [`${source.name}  ${lineOf(source)}`];
  const versions = source.versions.map(({ version, at: when, by }): [string, string] => [
    `version ${version}${version === source.version ? ' (serving)' : ''}`,
    `${new Date(when).toISOString()} by ${by}`,
  ]);
  if (versions.length > 0) lines.push('', ...columns(versions));
  if (source.held) lines.push('', `Version ${source.held.version} waits to be promoted: ${source.held.reason}`);
  // A gateway of an earlier version tells none.
  const changes = (source.changes ?? []).map(changeOf);
  if (changes.length > 0) lines.push('', ...columns(changes));
  if (source.report) lines.push('', ...describeReport(source.report));
  for (const [path, text] of Object.entries(source.files)) {
    if (path === 'policy.yaml' || path === 'joins.graphql')
      lines.push(
        '',
        `${path}:`,
        ...text
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`),
      );
    else lines.push('', `${path} (${Buffer.byteLength(text)} bytes)`);
  }
  io.out(`${lines.join('\n')}\n`);
  return exitCodes.ok;
}

/** One change: what, who, the state after it, of which bundle, and why. */
function changeOf({ number, at: when, by, what, state, forced, bundle, reason }: AuditRecord): [string, string] {
  const parts = [
    `${new Date(when).toISOString()} ${what} by ${by}`,
    ...(state === undefined ? [] : [state]),
    ...(bundle === undefined ? [] : [`bundle ${bundle.slice(0, 12)}`]),
    ...(forced === true ? ['forced'] : []),
  ];
  return [`revision ${number}`, parts.join(', ') + (reason === undefined ? '' : `: ${reason.split('\n')[0]}`)];
}

function lineOf({ kind, state, owner, from, version, held, message }: SourceSummary): string {
  const where = from === 'tree' ? 'from the project folder' : `version ${version ?? '-'} from the registry`;
  const parts = [
    kind,
    state,
    where,
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(held ? [`version ${held.version} held`] : []),
  ];
  return parts.filter((part) => part !== '').join(', ') + (message === undefined ? '' : `: ${message.split('\n')[0]}`);
}
