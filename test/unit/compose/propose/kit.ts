/** Sources written as a list of operations, and their proposals composed for real. */
import type { ComposeSource } from '../../../../gateway/compose/documents.ts';
import type { Proposal } from '../../../../gateway/compose/propose/proposal.ts';
import { proposeJoins } from '../../../../gateway/compose/propose/propose.ts';
import { unify } from '../../../../gateway/compose/unify.ts';
import { policySchema } from '../../../../gateway/config/policy.ts';

export type Given = {
  /** `GET /customers/{id}` → the root field behind it (`customer(id: String!): Customer`); `v1.Shop/GetOrder` for gRPC. */
  reads: Readonly<Record<string, string>>;
  /** All other types. */
  types: string;
  host?: string;
  joins?: string;
  policy?: unknown;
};

export function source(
  name: string,
  { reads, types, host = `http://${name}.internal`, joins = '', policy = {} }: Given,
): ComposeSource {
  const isRest = Object.keys(reads).every((wire) => wire.startsWith('GET '));
  const fields = Object.entries(reads).map(
    ([wire, field]) => `  ${field} ${isRest ? rest(name, wire) : grpc(name, wire)}`,
  );
  const kind = isRest ? `kind: "rest", location: "${host}"` : 'kind: "grpc"';
  const text = `extend schema @transport(subgraph: "${name}", ${kind})\ntype Query {\n${fields.join('\n')}\n}\n${types}`;
  return { name, text, joins, policy: policySchema.parse(policy) };
}

function rest(name: string, wire: string): string {
  const path = wire.slice('GET '.length);
  const params = [...path.matchAll(/\{([^}]+)\}/g)].map(([, param = '']) => {
    const arg = param.replace(/\W/g, '_');
    return `{arg: "${arg}", name: "${param}", in: "path"}`;
  });
  return `@httpOperation(subgraph: "${name}", path: "${path}", httpMethod: "GET", params: [${params.join(', ')}])`;
}

function grpc(name: string, wire: string): string {
  const [service = '', method = ''] = wire.split('/');
  return `@grpcMethod(subgraph: "${name}", rootJsonName: "Root0", objPath: "${service}", methodName: "${method}", requestType: "Q", responseType: "A")`;
}

/** What is proposed for these sources; composing them with all of it has to succeed. */
export function propose(given: Readonly<Record<string, Given>>, added?: string): readonly Proposal[] {
  const sources = Object.entries(given).map(([name, each]) => source(name, each));
  const proposals = proposeJoins({ sources, locked: new Map(), ...(added === undefined ? {} : { added }) });
  composeWith(sources, proposals);
  return proposals;
}

/** Composes the sources with every proposal in the `joins.graphql` it names. @throws ComposeError */
export function composeWith(
  sources: readonly ComposeSource[],
  proposals: readonly Proposal[],
): ReturnType<typeof unify> {
  return unify(
    sources.map((each) => {
      const own = proposals.filter(({ source: name }) => name === each.name).map(({ sdl }) => sdl);
      return { ...each, joins: [each.joins, ...own].join('\n') };
    }),
    new Map(),
  );
}

/** `Order.customer: Customer <- shop.customers(ids)`, in the order of the proposals' coordinates. */
export function shown(proposals: readonly Proposal[]): string[] {
  return proposals
    .map(({ type, field, answer, many, target }) => {
      const keys = target.keysArg ?? (target.keysArgFields ?? []).join(', ');
      return `${type}.${field}: ${many ? `[${answer}]` : answer} <- ${target.source}.${target.field}(${keys})`;
    })
    .sort();
}
