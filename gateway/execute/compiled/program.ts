import { createRootCall, type RootCall } from '../call.ts';
import type { Plan, PlanNode } from '../plan.ts';
import type { FieldSite } from '../site.ts';
import type { Again } from './again.ts';
import { makeObjectUnit, makeRootUnits } from './units.ts';
import type { Arguments, Unit } from './words.ts';
import { createWorkshop } from './workshop.ts';

/** A root field that is asked for, and how its value is written; without a call its value is null. */
export type Asked = Unit & { readonly node: PlanNode; readonly call: RootCall | undefined; readonly args: Arguments };

/** A root field: one that is asked for, one that is the same in every answer, or a question about the schema. */
export type Root = {
  readonly key: string;
  readonly asked?: Asked;
  /** JSON */
  readonly constant?: string;
};

/** What an operation comes to. It never changes, but for parts that are made when they are first needed. */
export type Program = {
  readonly plan: Plan;
  /** In the order of the answer. */
  readonly roots: readonly Root[];
  /** Those of the roots that ask about the schema itself. */
  readonly introspection: readonly PlanNode[];
  /** What it wrote before; undefined where that depends on more than what sources say. */
  readonly again: Again | undefined;
};

/** What sites of all fields share. */
export type SharedSite = Omit<FieldSite, 'type' | 'field'>;

/** Compiles a plan; with `openTexts` it remembers what it wrote. */
export function compileProgram(shared: SharedSite, plan: Plan, openTexts?: () => Again): Program {
  const siteOf = ({ type, field }: PlanNode): FieldSite => ({ type, field, ...shared });
  const shop = createWorkshop({ model: shared.model, plan, siteOf, makeUnit: makeObjectUnit });
  const nodes = [...plan.roots.values()];
  const asking = nodes.filter(({ field }) => !field.name.startsWith('__'));
  const units = makeRootUnits(
    shop,
    asking.map((node) => ({ node, trail: [node.key] })),
  );
  const asked = new Map(
    asking.map((node, index) => [
      node,
      { node, call: createRootCall(siteOf(node)), args: shop.argumentsOf(node), ...(units[index] as Unit) },
    ]),
  );
  const roots = nodes.map((node): Root => {
    const { key, field, type } = node;
    const own = asked.get(node);
    if (own) return { key, asked: own };
    return field.name === '__typename' ? { key, constant: JSON.stringify(type.name) } : { key };
  });
  const introspection = nodes.filter(({ field }) => field.name === '__schema' || field.name === '__type');
  // Who may see what of the schema, and the order of changes, are no source's to say.
  const isPlain = roots.length > 0 && roots.every(({ asked: own, constant }) => own ?? constant) && asked.size > 0;
  const again = isPlain && plan.operation.operation === 'query' ? openTexts?.() : undefined;
  return { plan, roots, introspection, again };
}
