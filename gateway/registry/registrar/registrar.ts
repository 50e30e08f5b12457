/** The registry as teams use it: every way to change a source, and to look at what there is. */
import { Refusal } from '../refusal.ts';
import type { RegistryEntry, Revision } from '../store/store.ts';
import { type ChangeOptions, createChangeRunner } from './change.ts';
import { namesAnyAddress } from './contract-address.ts';
import { type Difference, diffVersions } from './diff.ts';
import { exportSource } from './export.ts';
import type { Apply } from './gate.ts';
import { auditOf, describeSource, listSources } from './listing.ts';
import { receive } from './receive.ts';
import { createSetState, type StateWish } from './state.ts';
import type { Actor, AuditRecord, Manner, Outcome, SourceDetail, SourceSummary, Wish } from './types.ts';

export type RegistrarOptions = ChangeOptions;

export type Registrar = {
  /** Adds a source, or brings one up to date. `apply` is for changes that nobody asked for. */
  submit(wish: Wish, actor: Actor, apply?: Apply): Promise<Outcome>;
  /** Takes a source out. Joins of others that lead to it are faults, and nothing is changed. */
  withdraw(name: string, manner: Manner, actor: Actor): Promise<Outcome>;
  /** Back to an earlier version; 0 is the working tree's. Without a version the one before. */
  rollback(name: string, version: number | undefined, manner: Manner, actor: Actor): Promise<Outcome>;
  /** Takes the held version into service. */
  promote(name: string, manner: Manner, actor: Actor): Promise<Outcome>;
  setState(wish: StateWish, actor: Actor): Promise<Revision>;
  /** What differs between two versions, for clients of the source alone; without numbers what is held or serves, and the one before. */
  diff(name: string, from: number | undefined, to: number | undefined): Promise<Difference>;
  /** The source as an upload of another gateway, for who may change it: its keys are among the files. */
  export(name: string, actor: Actor): Promise<{ body: Record<string, unknown> }>;
  list(): Promise<SourceSummary[]>;
  /** Undefined where there is no such source. Files are for who may change it. */
  show(name: string, actor: Actor): Promise<SourceDetail | undefined>;
  audit(options: { source?: string; before?: number; limit: number }): Promise<readonly AuditRecord[]>;
};

export function createRegistrar(options: RegistrarOptions): Registrar {
  const { store, config, now } = options;
  const { maxUploadBytes: maxBytes, fetchTimeoutMs: timeoutMs, allowInternal } = config.registration;
  const variables = { allowed: config.registration.variables, gateway: config.variables ?? [] };
  const run = createChangeRunner(options);

  async function entryOf(name: string): Promise<RegistryEntry | undefined> {
    return (await store.head())?.sources[name];
  }

  return {
    submit: async ({ name, what, upload, ...manner }, actor, apply) => {
      const refuseInternal = !namesAnyAddress(actor);
      const receiving = { maxBytes, timeoutMs, allowInternal, refuseInternal, now };
      return await run({
        name,
        what,
        actor,
        manner,
        propose: upload.contract !== undefined,
        ...(apply ? { apply } : {}),
        next: async (folder) => ({
          kind: 'upload',
          upload: await receive(name, upload, folder, receiving),
          variables,
        }),
      });
    },

    withdraw: (name, manner, actor) =>
      run({
        name,
        what: 'withdraw',
        actor,
        manner,
        next: async () => ({ kind: 'nothing' }),
      }),

    rollback: async (name, wanted, manner, actor) => {
      const entry = await entryOf(name);
      const version = wanted ?? earlierVersion(entry);
      const known = entry?.versions.find((each) => each.version === version);
      if (version === undefined || (version !== 0 && !known))
        throw new Refusal(
          'unknown-source',
          `${name} has no version ${wanted ?? 'before this one'} that could be gone back to.`,
        );
      return await run({
        name,
        what: 'rollback',
        actor,
        manner,
        version,
        propose: false,
        next: async () => (known ? { kind: 'bundle', hash: known.bundle } : { kind: 'tree' }),
      });
    },

    promote: async (name, manner, actor) => {
      const held = (await entryOf(name))?.held;
      if (!held) throw new Refusal('unknown-source', `${name} has no version that waits to be promoted.`);
      return await run({
        name,
        what: 'promote',
        actor,
        manner,
        version: held.version,
        propose: false,
        next: async () => ({ kind: 'bundle', hash: held.bundle }),
      });
    },

    setState: createSetState(options),
    diff: (name, from, to) => diffVersions(options, name, from, to),
    export: (name, actor) => exportSource(options, name, actor),
    list: () => listSources(options),
    show: (name, actor) => describeSource(options, name, actor),
    audit: (asked) => auditOf(store, asked),
  };
}

/** The version that served before the one that serves; the working tree's where the registry had none. */
function earlierVersion(entry: RegistryEntry | undefined): number | undefined {
  if (!entry || entry.version === 0) return undefined;
  const at = entry.versions.findIndex(({ version }) => version === entry.version);
  return entry.versions[at - 1]?.version ?? 0;
}
