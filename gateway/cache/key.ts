/** The key of an answer: equal for requests that must get the same answer, and for no others. */
import type { Principal } from '../context.ts';
import type { Keeping } from '../execute/keeping.ts';
import { headersText } from '../execute/observed.ts';
import { sha256 } from '../lib/hash.ts';
import { isPlainJson, stableStringify } from '../lib/json.ts';

/** Raised whenever what is stored would be read in another way. */
const FORM = '3';

export type KeyParts = {
  /** Id of the generation: schema, policies, addresses and credentials. */
  readonly generation: string;
  /** Stands for the text of the document. */
  readonly documentHash: string;
  /** Name of the operation; empty for one that has none. */
  readonly name: string;
  /** Coerced values of the variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly keeping: Pick<Keeping, 'headers'>;
  /** Whether the answer is for the principal alone. */
  readonly isPrivate: boolean;
  readonly principal: Principal;
  /** Equal for who is denied the same of the operation. */
  readonly grants: string;
  /** Headers of the request, lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
};

/** @returns undefined when a variable is no plain value (a file) */
export function answerKey(parts: KeyParts): string | undefined {
  const { generation, documentHash, name, variables, keeping, isPrivate, principal, grants, headers } = parts;
  if (!isPlainJson(variables)) return undefined;
  return sha256([
    FORM,
    generation,
    documentHash,
    name,
    stableStringify(variables),
    grants,
    headersText(keeping.headers, headers),
    isPrivate ? principalText(principal) : '',
  ]);
}

/** Who it is, and what it is known by; not by which of its proofs, nor until when. */
function principalText({ kind, id, tenant, roles, scopes, claims }: Principal): string {
  return stableStringify({ kind, id, tenant, roles: [...roles].sort(), scopes: [...scopes].sort(), claims });
}
