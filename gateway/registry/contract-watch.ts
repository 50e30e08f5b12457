/** Looks after contracts that are published somewhere: what changed there goes the way of every change, or waits for a word. */
import type { FetchDocument, FetchedDocument } from '../connect/rest/fetch-document.ts';
import type { Events } from '../observe/events.ts';
import type { Registrar } from './registrar/registrar.ts';
import type { Actor, ContractUpload } from './registrar/types.ts';
import { mainOf } from './registrar/upload.ts';
import type { SourceKind } from './source-kinds.ts';
import type { Watched } from './watched.ts';

export type ContractWatchOptions = {
  registrar: Pick<Registrar, 'submit'>;
  /** The sources as they are now, by name. */
  watched: () => ReadonlyMap<string, Watched>;
  fetch: (options: FetchDocument) => Promise<FetchedDocument>;
  /** Hosts inside the network that teams may have contracts looked for at. */
  allowInternal: readonly string[];
  maxBytes: number;
  timeoutMs: number;
  events: Pick<Events, 'contractChecked' | 'contractCheckFailed'>;
  now: () => number;
  /** From 0 up to 1. */
  random: () => number;
};

export type ContractWatch = {
  /** Takes up which sources there are; called after every swap. */
  follow(): void;
  /** Looks at one contract now. Never rejects. */
  check(name: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** The gateway acts for who wrote the address down: the operator, or a team, whose addresses are judged. */
const ACTOR: Actor = { name: 'contract watch', owners: ['*'] };

type Look = {
  timer: NodeJS.Timeout;
  everyMs: number;
  etag?: string | undefined;
  lastModified?: string | undefined;
  url?: string | undefined;
};

export function openContractWatch(options: ContractWatchOptions): ContractWatch {
  const { registrar, watched, events, random } = options;
  const looks = new Map<string, Look>();
  const running = new Set<Promise<void>>();
  let closed = false;

  function plan(name: string, everyMs: number, before?: Look): void {
    // Replicas that started together do not ask together.
    const timer = setTimeout(() => void check(name), everyMs * (0.9 + random() * 0.2));
    timer.unref();
    looks.set(name, { ...before, timer, everyMs });
  }

  async function look(name: string, { contract, kind, isGuarded }: Watched): Promise<void> {
    const known = looks.get(name);
    const upload =
      contract.url === undefined
        ? { reflection: contract.reflection ?? '' }
        : await fetched({ name, url: contract.url, kind, isGuarded }, known);
    if (upload === undefined) return events.contractChecked({ source: name, outcome: 'unchanged' });
    const reason = `its contract changed at ${contract.url === undefined ? contract.reflection : withoutQuery(contract.url)}`;
    const wish = { name, what: 'update' as const, upload: { contract: upload }, reason };
    const outcome = await registrar.submit(wish, isGuarded ? { ...ACTOR, isGuarded } : ACTOR, contract.apply);
    const what = outcome.unchanged ? 'unchanged' : outcome.applied ? 'applied' : 'held';
    events.contractChecked({
      source: name,
      outcome: what,
      ...(outcome.held === undefined ? {} : { reason: outcome.held }),
    });
  }

  /** Undefined where it is as it was. */
  async function fetched(
    { name, url, kind, isGuarded }: { name: string; url: string; kind: string; isGuarded: boolean },
    known: Look | undefined,
  ): Promise<ContractUpload | undefined> {
    const { maxBytes, timeoutMs, now, allowInternal } = options;
    const same = known?.url === url ? { etag: known.etag, lastModified: known.lastModified } : {};
    const common = { source: name, url, refuseInternal: isGuarded, allowInternal, maxBytes, timeoutMs, now };
    const document = await options.fetch({ ...common, ...same });
    if (!document.changed) return undefined;
    const { etag, lastModified } = document;
    if (known) Object.assign(known, { etag, lastModified, url });
    const main = mainOf(document.url, document.type, kind as SourceKind);
    return { files: new Map([[main, document.bytes]]), main };
  }

  async function check(name: string): Promise<void> {
    const source = watched().get(name);
    if (!source || closed) return;
    const work = look(name, source).catch((error: unknown) => {
      const known = looks.get(name);
      // Next time the document is wanted whole: it was not taken up.
      if (known) Object.assign(known, { etag: undefined, lastModified: undefined });
      events.contractCheckFailed({ source: name, error });
    });
    running.add(work);
    await work.finally(() => running.delete(work));
    const known = looks.get(name);
    if (!closed && known) {
      clearTimeout(known.timer);
      plan(name, watched().get(name)?.contract.everyMs ?? known.everyMs, known);
    }
  }

  function follow(): void {
    if (closed) return;
    const now = watched();
    for (const [name, { timer }] of looks) {
      if (now.has(name)) continue;
      clearTimeout(timer);
      looks.delete(name);
    }
    for (const [name, { contract }] of now) {
      const known = looks.get(name);
      if (known?.everyMs === contract.everyMs) continue;
      clearTimeout(known?.timer);
      plan(name, contract.everyMs, known);
    }
  }

  follow();
  return {
    follow,
    check,
    async [Symbol.asyncDispose]() {
      closed = true;
      for (const { timer } of looks.values()) clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
