/** Where contracts are published, judged by who wrote it down: the operator may name addresses inside the network, a team may not. */
import type { Policy } from '../../config/policy.ts';
import type { WatchedContract } from '../../config/source.ts';
import { createGuard } from '../../connect/guard.ts';
import { GatewayError } from '../../errors.ts';
import { Refusal } from '../refusal.ts';
import type { RegistryEntry } from '../store/store.ts';
import type { Actor } from './types.ts';

export type AddressRules = { readonly allowInternal: readonly string[]; readonly now: () => number };

/** What is known of the policy of a change. */
export type Vouching = {
  readonly name: string;
  readonly actor: Actor;
  /** As it is now; undefined where there is no such source. */
  readonly before: { readonly policy: Policy | undefined; readonly isVouched: boolean } | undefined;
  readonly policy: Policy;
  /** A version that comes back, or waited: whether somebody stands for it. */
  readonly earlier: boolean | undefined;
};

/** Whether who asks may name every address: who may change every source, unless he acts for somebody else. */
export function namesAnyAddress({ owners, isGuarded = false }: Actor): boolean {
  return owners.includes('*') && !isGuarded;
}

/**
 * Whether somebody who may name every address stands for where the contract is looked for. An address that stays is whose it was.
 * @throws Refusal invalid for one that a team may not name
 */
export async function vouchFor(
  { name, actor, before, policy, earlier }: Vouching,
  rules: AddressRules,
): Promise<boolean> {
  const { contract } = policy;
  if (!contract || earlier === true) return contract !== undefined;
  const known = before?.policy?.contract;
  if (before && known && known.url === contract.url && known.reflection === contract.reflection)
    return before.isVouched && earlier === undefined;
  if (namesAnyAddress(actor)) return earlier === undefined;
  await checkContractAddress(name, contract, rules);
  return false;
}

/** @throws Refusal invalid for an address inside the network that is not in `allowInternal` */
async function checkContractAddress(
  source: string,
  { url, reflection }: WatchedContract,
  { allowInternal, now }: AddressRules,
): Promise<void> {
  if (reflection !== undefined) return await checkReflection(source, reflection, { allowInternal, now }, true);
  const endpoint = new URL(url ?? '').origin;
  await judged('contract.url of policy.yaml', { source, endpoint, onlyContract: true, allowInternal, now });
}

/**
 * Judges a gRPC server that is asked what it is.
 * @param refuseInternal whether addresses inside the network are refused, but for those in `allowInternal`
 * @throws Refusal invalid
 */
export async function checkReflection(
  source: string,
  endpoint: string,
  { allowInternal, now }: AddressRules,
  refuseInternal: boolean,
): Promise<void> {
  const what = 'The address for reflection';
  // A socket is no host, and never outside.
  if (refuseInternal && /^unix/i.test(endpoint)) throw internal(what);
  await judged(what, { source, endpoint, isGrpc: true, onlyContract: refuseInternal, allowInternal, now });
}

async function judged(what: string, options: Parameters<typeof createGuard>[0]): Promise<void> {
  try {
    await createGuard(options)?.check();
  } catch (error) {
    throw error instanceof GatewayError && error.code === 'SOURCE_UNAVAILABLE' ? internal(what) : error;
  }
}

function internal(what: string): Refusal {
  const message = `${what} must not be asked: it is internal. The operator can allow its host in registration.allowInternal.`;
  return new Refusal('invalid', message);
}

/** Whether somebody stands for where the version that serves has its contract looked for; what the folder has is the operator's. */
export function isVouched(entry: RegistryEntry | undefined): boolean {
  if (!entry) return true;
  return entry.versions.find(({ version }) => version === entry.version)?.isVouched === true;
}
