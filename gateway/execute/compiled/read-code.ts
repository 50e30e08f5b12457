import type { Model } from '../model.ts';
import type { PlanNode } from '../plan.ts';
import { type Access, accessOf } from '../property.ts';
import { type Code, js, literal } from './code.ts';
import type { Sheet } from './sheet.ts';
import type { Workshop } from './workshop.ts';

/** An expression for the value of a property; `parent` names a value of its type. */
export function readCode({ siteOf, model }: Workshop, sheet: Sheet, node: PlanNode, parent: Code): Code {
  const { type } = node;
  const source = sourceOf(model, node);
  if (!model.ownersOf(type.name).includes(source)) return js`undefined`;
  const access = accessOf(siteOf(node), source);
  if (access.by === 'parent') return parent;
  const read = readObject(sheet, access, node.key, parent);
  // Types that stand for values of any kind are not looked at before.
  return type.isTypeOf ? read : js`(isObject(${parent}) ? ${read} : undefined)`;
}

/** The source in whose words a value of the node's type is: its one owner's, or that of who gave it. */
export function sourceOf(model: Model, { type, origin }: PlanNode): string {
  const [only = '', second] = model.ownersOf(type.name);
  return second === undefined ? only : origin;
}

function readObject(sheet: Sheet, access: Exclude<Access, { by: 'parent' }>, key: string, parent: Code): Code {
  const own = (name: string) =>
    js`(Object.hasOwn(${parent}, ${literal(name)}) ? ${parent}[${literal(name)}] : undefined)`;
  switch (access.by) {
    case 'key':
      return key in Object.prototype ? own(key) : js`${parent}[${literal(key)}]`;
    case 'name':
      return js`${parent}[${literal(access.name)}]`;
    case 'own':
      return own(access.name);
    case 'made':
      return js`${sheet.constant(access.make)}(${parent})`;
  }
}
