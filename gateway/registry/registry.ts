/** The registry of one process: what changes sources, and what looks after published contracts. */
import type { Environment } from '../config/env.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { fetchDocument } from '../connect/rest/fetch-document.ts';
import type { Events } from '../observe/events.ts';
import type { RecordStore } from '../record/store.ts';
import type { Builder } from './builder.ts';
import { type ContractWatch, openContractWatch } from './contract-watch.ts';
import { createRegistrar, type Registrar } from './registrar/registrar.ts';
import type { RegistryStore } from './store/store.ts';
import type { Supply } from './supply.ts';

export type RegistryOptions = {
  dir: string;
  env: Environment;
  config: GatewayConfig;
  store: RegistryStore;
  supply: Supply;
  /** Operations that clients use; undefined where they are not recorded. */
  operations: RecordStore | undefined;
  events: Events;
  builder: Builder;
  now: () => number;
  random: () => number;
  /** Whether this is the one of several processes that looks after published contracts; alone it is. */
  leads?: (() => boolean) | undefined;
};

const NOTHING: ReturnType<Supply['watched']> = new Map();

export type Registry = AsyncDisposable & { registrar: Registrar; contracts: ContractWatch };

/** Everything is watched and changed until it is disposed; store and supply stay the caller's. */
export function openRegistry({ config, supply, random, leads, ...shared }: RegistryOptions): Registry {
  const registrar = createRegistrar({ ...shared, config, supply });
  const contracts = openContractWatch({
    registrar,
    watched: () => (leads?.() === false ? NOTHING : supply.watched()),
    fetch: fetchDocument,
    allowInternal: config.registration.allowInternal,
    maxBytes: config.registration.maxUploadBytes,
    timeoutMs: config.registration.fetchTimeoutMs,
    events: shared.events,
    now: shared.now,
    random,
  });
  const unfollow = supply.onSwap(contracts.follow);
  return {
    registrar,
    contracts,
    async [Symbol.asyncDispose]() {
      unfollow();
      await contracts[Symbol.asyncDispose]();
    },
  };
}
