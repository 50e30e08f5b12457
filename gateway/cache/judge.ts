/** Whether an operation has to do with the cache at all, decided before anything is looked up. */
import type { RequestContext } from '../context.ts';
import { GatewayError } from '../errors.ts';
import type { Ages } from '../execute/field-rules.ts';
import type { AskedOperation, Insight } from '../execute/insight.ts';
import type { Keeping } from '../execute/keeping.ts';
import type { DocumentFacts } from './documents.ts';
import { answerKey } from './key.ts';

export type Judged = { readonly bypass: string } | { readonly wanted: Wanted };

/** An operation whose answer may be kept. */
export type Wanted = {
  readonly keeping: Keeping;
  readonly ages: Ages;
  readonly isPrivate: boolean;
  readonly key: string;
  /** The key of the answer where it turns out to be for the principal alone; undefined where nobody is known. */
  readonly privateKey: string | undefined;
  /** Stands for the operation, whoever asks. */
  readonly operation: string;
};

export type JudgeOptions = {
  readonly insight: Pick<Insight, 'keeping'>;
  /** Id of the generation. */
  readonly generation: string;
  readonly factsOf: (document: AskedOperation['document']) => DocumentFacts;
  /** Whether a source has said of the operation that its answers are for one caller alone. */
  readonly isPersonal: (operation: string) => boolean;
};

export type Judge = (asked: AskedOperation, context: RequestContext) => Judged;

export function createJudge({ insight, generation, factsOf, isPersonal }: JudgeOptions): Judge {
  return (asked, context) => {
    const { hash, inParts, isOdd } = factsOf(asked.document);
    if (inParts) return { bypass: 'answer in parts' };
    if (isOdd) return { bypass: 'names of the cache in the document' };
    let found: ReturnType<Insight['keeping']>;
    try {
      found = insight.keeping(asked);
    } catch (error) {
      // Whoever executes it says so to the client.
      if (error instanceof GatewayError) return { bypass: 'bad request' };
      throw error;
    }
    const { keeping, name, variables } = found;
    const { ages, never, leastAt, privateAt } = keeping;
    if (never !== undefined) return { bypass: never };
    if (!ages) return { bypass: 'no age' };
    if (ages.maxAgeMs === 0) return { bypass: `age 0 at ${leastAt}` };
    const { principal, headers, grants } = context;
    if (!grants) return { bypass: 'nobody has said what is granted' };
    if (grants.denied) return { bypass: 'something of it is denied' };
    if (!grants.isShared) return { bypass: 'a rule decides by the answer' };
    const operation = `${hash} ${name}`;
    const isKnown = principal.kind !== 'anonymous';
    const isPrivate = privateAt !== undefined || isPersonal(operation);
    if (isPrivate && !isKnown) return { bypass: `private at ${privateAt ?? 'a source'} and nobody is known` };
    const parts = {
      ...{ generation, documentHash: hash, name, variables, keeping, principal, headers },
      grants: grants.key,
    };
    const key = answerKey({ ...parts, isPrivate });
    if (key === undefined) return { bypass: 'a variable is no plain value' };
    const privateKey = isKnown ? answerKey({ ...parts, isPrivate: true }) : undefined;
    return { wanted: { keeping, ages, isPrivate, key, privateKey, operation } };
  };
}
