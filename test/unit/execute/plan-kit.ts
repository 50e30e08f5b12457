import { buildSchema, Kind, parse } from 'graphql';
import { createInsight } from '../../../gateway/execute/insight.ts';
import { readModel } from '../../../gateway/execute/model.ts';
import type { Plan, PlanNode } from '../../../gateway/execute/plan.ts';
import { createPlanner } from '../../../gateway/execute/planner.ts';
import { WIRE_DIRECTIVES } from '../../../gateway/lib/wire-directives.ts';

/** A shop of three sources: REST orders, gRPC people who share `Person` with a GraphQL crm, and that crm. */
const SHOP = `
extend schema @transport(subgraph: "orders", kind: "rest") @transport(subgraph: "people", kind: "grpc") @transport(subgraph: "crm", kind: "graphql")
type Query {
  orders(limit: Int, ids: [ID!]): [Order!] @httpOperation(subgraph: "orders", path: "/orders", httpMethod: "GET")
  order(id: ID): Order @httpOperation(subgraph: "orders", path: "/orders/{id}", httpMethod: "GET")
  people(ids: [ID!]): [Person!] @grpcMethod(subgraph: "people") @merge(subgraph: "people", keyField: "id", keysArg: "ids")
  person(id: ID): Person @grpcMethod(subgraph: "people")
  contacts(ids: [ID!]): [Person!] @graphqlField(subgraph: "crm", name: "contacts") @merge(subgraph: "crm", keyField: "id", keysArg: "ids")
  contact(id: ID): Person @graphqlField(subgraph: "crm", name: "contact")
  found: [Found!] @graphqlField(subgraph: "crm", name: "found")
  things: [Thing!] @httpOperation(subgraph: "orders", path: "/things", httpMethod: "GET")
  nothing: Int
}
type Order @source(subgraph: "orders") {
  id: ID! personId: ID buyerIds: [ID!] note(length: Int): String lines: [Line!]
  person: Person @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "personId", keysArg: "ids", valueKeyField: "id")
  buyers: [Person!] @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "buyerIds", keysArg: "ids", valueKeyField: "id")
  owner: Person @resolveTo(sourceName: "people", sourceFieldName: "person", keyField: "personId", keysArg: "id", valueKeyField: "id")
}
type Line @source(subgraph: "orders") { sku: String
  order: Order @resolveTo(sourceName: "orders", sourceFieldName: "order", keyField: "sku", keysArg: "id", valueKeyField: "id") }
type Person @source(subgraph: "people") @source(subgraph: "crm") {
  id: ID! name: String @source(subgraph: "people") email(kind: String): String @source(subgraph: "crm") friends: [Person!] @source(subgraph: "crm")
  crmKey: ID @source(subgraph: "crm")
  orders: [Order!] @resolveTo(sourceName: "orders", sourceFieldName: "orders", keyField: "crmKey", keysArg: "ids", valueKeyField: "id")
}
interface Found @source(subgraph: "crm") { id: ID! label(long: Boolean): String next: Found link: Link }
type Link @source(subgraph: "crm") { id: ID whoId: ID
  who: Person @resolveTo(sourceName: "crm", sourceFieldName: "contacts", keyField: "whoId", keysArg: "ids", valueKeyField: "id") }
type Note implements Found @source(subgraph: "crm") { id: ID! label(long: Boolean): String next: Found link: Link text: String }
type Task implements Found @source(subgraph: "crm") { id: ID! label(long: Boolean): String next: Found link: Link done: Boolean
  who: Person @resolveTo(sourceName: "people", sourceFieldName: "people", keyField: "id", keysArg: "ids", valueKeyField: "id") }
type Memo implements Found @source(subgraph: "crm") { id: ID! label(long: Boolean): String next: Found link: Link }
union Thing @source(subgraph: "orders") = Order | Line
`;

export function planShop() {
  const schema = buildSchema(`${WIRE_DIRECTIVES} ${SHOP}`, { assumeValidSDL: true });
  const model = readModel(schema, (_source, field) => (field === 'people' ? 5 : undefined));
  const planner = createPlanner(model);
  const insight = createInsight({ model, planner, generation: 'g', policyOf: (source) => ({ cache: source }) });
  const planOf = (query: string | ReturnType<typeof parse>, variables: Record<string, unknown> = {}): Plan => {
    const document = typeof query === 'string' ? parse(query) : query;
    const [operation] = document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
    if (!operation) throw new Error('no operation');
    const fragments = Object.fromEntries(
      document.definitions.flatMap((each) =>
        each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each] as const] : [],
      ),
    );
    return planner({ operation, fragments, variables });
  };
  /** The node at a path; each step below an abstract type names the type: `found.Task:who`. */
  const at = (plan: Plan, path: string): PlanNode => {
    let node: PlanNode | undefined;
    for (const step of path.split('.')) {
      const [key = '', type] = step.split(':').reverse();
      const below = node?.selection.below(schema.getType(type ?? node.of.name) as never) ?? plan.roots;
      node = below.get(key);
      if (!node) throw new Error(`nothing at ${step} of ${path}`);
    }
    if (!node) throw new Error(`nothing at ${path}`);
    return node;
  };
  const explain = (query: string, variables: Record<string, unknown> = {}) =>
    insight.explain({ document: parse(query), variables });
  return { schema, model, planner, insight, planOf, at, explain };
}
