/** Source schemas as SDL, united by the real compose. */
import { buildSchema } from 'graphql';
import type { LockedTypes } from '../../../gateway/compose/collide.ts';
import { ComposeError, unify } from '../../../gateway/compose/unify.ts';
import { policySchema } from '../../../gateway/config/policy.ts';

export type Given = { sdl: string; joins?: string; policy?: unknown };

/** Root fields without a wire mapping get one, so that contracts here read like SDL. */
export function source(name: string, { sdl, joins = '', policy = {} }: Given): Parameters<typeof unify>[0][number] {
  const wired = sdl.replace(
    /type (Query|Mutation) \{([\s\S]*?)\n?\}/g,
    (_whole, root: string, fields: string) =>
      `type ${root} {${fields.replaceAll(';', ` @httpOperation(subgraph: "${name}", path: "/x", httpMethod: "GET")\n`)}}`,
  );
  const text = `extend schema @transport(subgraph: "${name}", kind: "rest", location: "http://${name}.internal")\n${wired}`;
  return { name, text, joins, policy: policySchema.parse(policy) };
}

export function compose(sources: Record<string, Given>, locked: LockedTypes = new Map(), absent: string[] = []) {
  const list = Object.entries(sources).map(([name, given]) => source(name, given));
  return unify(list, locked, new Set(absent));
}

export function typeNames(text: string): string[] {
  return Object.keys(buildSchema(text).getTypeMap()).filter((name) => !name.startsWith('__'));
}

export function faultsOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ComposeError) return error.message.split('\n');
    throw error;
  }
  return [];
}
