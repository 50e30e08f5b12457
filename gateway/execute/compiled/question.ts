import type { Standing } from '../execution.ts';
import { createArgumentsFiller, createKeysReader, type Keys } from '../join-keys.ts';
import { createKeyReader, localReader } from '../key-reader.ts';
import type { Join as JoinRule } from '../model.ts';
import type { PlanNode } from '../plan.ts';
import { createRead } from '../property.ts';
import { type FieldSite, isList } from '../site.ts';

export type Sent = Readonly<Record<string, unknown>>;
type MaybeLater<T> = T | Promise<T>;

/** What a join asks of a parent, and what it makes of the rows: the same as a resolver of the field does. */
export type Question = {
  /** Throws, or rejects with, what the source said of a key that failed. */
  keysOf: (standing: Standing) => MaybeLater<Keys>;
  /** What is sent beside the keys; undefined where a part of it is missing, so that there is nothing to ask. */
  sentBy: (standing: Standing, args: Sent) => MaybeLater<Sent | undefined>;
  /** Whether all parents send the same beside their keys. */
  isAlike: boolean;
  /** The one part of the key, where it can be read at once. */
  quickKey: ((parent: unknown) => unknown) | undefined;
  /** The value where nothing is asked. */
  nothing: unknown;
  valueOf: (rows: readonly unknown[]) => unknown;
};

export function createQuestion(site: FieldSite, rule: JoinRule, node: PlanNode): Question {
  const [path, second] = rule.keys;
  const quickKey = path && !second ? localReader(site, path, node.origin) : undefined;
  return { quickKey, ...(node.isPart ? askForPart(site, rule, node) : askForRows(site, rule)) };
}

function askForRows(site: FieldSite, rule: JoinRule): Omit<Question, 'quickKey'> {
  const many = isList(site.field);
  const fill = createArgumentsFiller(site, rule);
  return {
    keysOf: createKeysReader(site, rule),
    sentBy: (standing, args) => fill(standing, args as Record<string, unknown>),
    isAlike: rule.rootPaths.length === 0,
    nothing: many ? [] : null,
    valueOf: many ? (rows) => rows : ([row = null]) => row,
  };
}

/** The row is another source's part of the parent: the value is a field of it. */
function askForPart(site: FieldSite, rule: JoinRule, { source, key }: PlanNode): Omit<Question, 'quickKey'> {
  const read = createRead(site);
  const readKey = createKeyReader(site, rule.keys);
  const asKeys = (found: readonly unknown[] | undefined): Keys => (found ? [found] : []);
  return {
    keysOf: (standing) => {
      const found = readKey(standing);
      return found instanceof Promise ? found.then(asKeys) : asKeys(found);
    },
    sentBy: () => rule.sourceArgs,
    isAlike: true,
    nothing: null,
    valueOf: ([row]) => (row === undefined ? null : read(row, source, key)),
  };
}
