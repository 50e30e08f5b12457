import type { Policy } from '../../config/policy.ts';
import { Refusal } from '../refusal.ts';
import type { Actor } from './types.ts';
import { checkPath } from './upload.ts';

/**
 * What a policy that comes by the admin port may not say: it is the operator's word, or would reach files of the machine.
 * @throws Refusal invalid or forbidden
 */
export function checkUploadedPolicy(actor: Actor, policy: Policy, files: ReadonlyMap<string, Buffer>): void {
  if (policy.endpoints.allowInternal.length > 0 && !actor.owners.includes('*'))
    throw new Refusal('forbidden', 'endpoints.allowInternal is the operator’s to say: ask for it, or leave it out.');
  for (const key of ['caFile', 'certFile', 'keyFile'] as const) {
    const path = policy.tls?.[key];
    if (path === undefined || files.has(checkPath(path.replace(/^\.\//, '')))) continue;
    throw new Refusal('invalid', `policy.yaml: tls.${key} names ${path}, which is not among the files of the source.`);
  }
}
