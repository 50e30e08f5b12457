/** What there is: sources with their versions, owners and states, as this replica serves them. */
import type { SourceState } from '../../compose/generation.ts';
import type { RegistryStore } from '../store/store.ts';
import { openView, type ProjectView } from '../view.ts';
import type { ChangeOptions } from './change.ts';
import { mayRead } from './rights.ts';
import { ownerOf, standing } from './standing.ts';
import type { Actor, AuditRecord, SourceDetail, SourceSummary } from './types.ts';

/** Changes that a source's description tells. */
const SHOWN = 10;

/** Sources by name, withdrawn ones included. */
export async function listSources({ dir, env, store, supply, config }: ChangeOptions): Promise<SourceSummary[]> {
  await using view = await openView(dir, store);
  const serving = new Map(supply.current()?.sources.map((source) => [source.name, source]));
  const names = new Set([...view.treeNames, ...serving.keys(), ...Object.keys(view.head?.sources ?? {})]);
  const maxBytes = config.registration.maxUploadBytes;
  const summaries: SourceSummary[] = [];
  for (const name of [...names].sort()) {
    const source = await standing(view, name, maxBytes);
    summaries.push(summaryOf(view, name, serving.get(name), ownerOf(source?.files, name, env)));
  }
  return summaries;
}

/** One source with what its import said, and its files for who may change it; undefined where there is none. */
export async function describeSource(
  options: ChangeOptions,
  name: string,
  actor: Actor,
): Promise<SourceDetail | undefined> {
  const { dir, env, store, supply, config } = options;
  await using view = await openView(dir, store, { asked: name });
  const source = await standing(view, name, config.registration.maxUploadBytes);
  const entry = view.head?.sources[name];
  if (!source && !entry) return undefined;
  const serving = supply.current()?.sources.find((each) => each.name === name);
  const owner = ownerOf(source?.files, name, env);
  const shown = mayRead(actor, owner) ? (source?.files ?? []) : [];
  const texts = [...shown].flatMap(([path, bytes]) => (isText(bytes) ? [[path, bytes.toString('utf8')]] : []));
  const report = view.registered.get(name)?.bundle.report;
  return {
    ...summaryOf(view, name, serving, owner),
    versions: entry?.versions ?? [],
    changes: await auditOf(store, { source: name, limit: SHOWN }),
    ...(report ? { report } : {}),
    files: Object.fromEntries(texts) as Record<string, string>,
  };
}

/** What was changed, newest first. */
export async function auditOf(
  store: Pick<RegistryStore, 'history'>,
  asked: Parameters<RegistryStore['history']>[0],
): Promise<AuditRecord[]> {
  return (await store.history(asked)).map(({ sources: _sources, ...record }) => record);
}

function summaryOf(
  view: ProjectView,
  name: string,
  serving: SourceState | undefined,
  owner: string | undefined,
): SourceSummary {
  const entry = view.head?.sources[name];
  const registered = view.registered.get(name);
  const message = serving?.message ?? entry?.stateReason;
  return {
    name,
    kind: serving?.kind ?? registered?.bundle.report.kind ?? '',
    state: stateOf(serving, entry?.state),
    from: registered || !view.treeNames.has(name) ? 'registry' : 'tree',
    ...(message === undefined ? {} : { message }),
    ...(owner === undefined ? {} : { owner }),
    ...(registered ? { version: registered.entry.version, bundle: registered.entry.bundle } : {}),
    ...(entry?.held ? { held: entry.held } : {}),
  };
}

function stateOf(serving: SourceState | undefined, registered: string | undefined): SourceSummary['state'] {
  if (!serving) return registered === 'withdrawn' ? 'withdrawn' : 'failed';
  if (serving.state !== 'degraded') return serving.state;
  return serving.servesOld === true ? 'degraded' : 'failed';
}

function isText(bytes: Buffer): boolean {
  return !bytes.subarray(0, 8192).includes(0);
}
