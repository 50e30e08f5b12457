/** A gateway in process over sources that only tests know, with something required of nearly everything: for tests of who may ask what. */
import { buildSchema } from 'graphql';
import type { Call, Connector } from '../../gateway/connect/connector.ts';
import { attachResolvers } from '../../gateway/execute/attach.ts';
import { readModel } from '../../gateway/execute/model.ts';
import { createPerform } from '../../gateway/execute/perform.ts';
import { createPlanner } from '../../gateway/execute/planner.ts';
import { createOpenUpstream } from '../../gateway/execute/stream.ts';
import { hashKey } from '../../gateway/identify/key-store.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { type Answer, type KitApp, type QueryOptions, startApp } from '../kit/app.ts';
import { type FixedGeneration, makeGeneration, makeSupply } from '../kit/fixed-supply.ts';

const rest = (source: string) => `@httpOperation(subgraph: "${source}", path: "/", httpMethod: "GET")`;
const graphql = (name: string) => `@graphqlField(subgraph: "crm", name: "${name}", type: "X")`;
const stream =
  '@grpcMethod(subgraph: "shop", rootJsonName: "r", objPath: "p.S", methodName: "M", requestType: "A", responseType: "B", responseStream: true)';

/** Orders of `shop`, people of `crm` (a GraphQL source), reviews of `reviews`, which requires a scope of all that call it. */
export const VAULT = `${WIRE_DIRECTIVES}
  extend schema @transport(subgraph: "shop", kind: "rest")
  extend schema @transport(subgraph: "crm", kind: "graphql")
  extend schema @transport(subgraph: "reviews", kind: "rest") @requiresScopes(scopes: [["reviews:read"]], subgraph: "reviews")
  type Query {
    open(note: Note): String ${rest('shop')}
    signedIn: String ${rest('shop')} @authenticated
    either: String ${rest('shop')} @requiresScopes(scopes: [["a", "b"], ["c"]])
    staff: String ${rest('shop')} @requiresRole(roles: ["admin", "support"])
    strict: String! ${rest('shop')} @requiresRole(roles: ["admin"])
    orders(ids: [ID!], tenant: ID, internal: Boolean @requiresRole(roles: ["admin"]), filter: Filter): [Order!] ${rest('shop')}
    order(id: ID!): Order ${rest('shop')} @policy(name: "claimEqualsArgument", claim: "orders", argument: "id", unlessRoles: ["admin"])
    ofTenant(input: OfTenant): String ${rest('shop')} @policy(name: "claimEqualsArgument", claim: "tenant", argument: "input.tenants")
    ofTenants(in: JSON): String ${rest('shop')} @policy(name: "claimEqualsArgument", claim: "tenant", argument: "in")
    parcels: [Parcel] ${rest('shop')}
    chests: [Chest] ${rest('shop')}
    node(id: ID!): Node ${rest('shop')}
    hits: [Hit] ${rest('shop')}
    cards: [Card] ${graphql('cards')}
    person(id: ID): Person ${graphql('person')}
    people(ids: [ID!]!): [Person!] ${graphql('people')}
    reviews(orderIds: [ID!]): [Review!] ${rest('reviews')}
    ratings: Int ${rest('reviews')} @withoutDefaults
  }
  type Mutation { cancel(id: ID!): Order ${rest('shop')} @requiresScopes(scopes: [["orders:write"]]) note: String ${rest('shop')} }
  type Subscription { ticks: Tick ${stream} @requiresScopes(scopes: [["ticks"]]) parcels: Parcel ${stream} }
  input Filter { status: String, cost: Int @requiresScopes(scopes: [["costs"]]), and: [Filter!], depth: Int = 3 @requiresRole(roles: ["admin"]) }
  scalar JSON
  input OfTenant { tenants: [ID!] }
  input Note @authenticated { text: String }
  interface Node @source(subgraph: "shop") { id: ID! label: String audit: String @requiresRole(roles: ["admin"]) self: Node }
  type Order implements Node @source(subgraph: "shop") {
    id: ID! label: String @requiresScopes(scopes: [["orders:labels"]]) audit: String total(in: ID): Int @requiresScopes(scopes: [["orders:totals"]]) self: Node
    customerId: ID
    customer: Person @resolveTo(sourceName: "crm", sourceFieldName: "people", keyField: "customerId", keysArg: "ids", valueKeyField: "id") @authenticated
    reviews: [Review!] @resolveTo(sourceName: "reviews", sourceFieldName: "reviews", keyField: "id", keysArg: "orderIds", valueKeyField: "orderId")
  }
  type Memo implements Node @source(subgraph: "shop") { id: ID! label: String audit: String self: Node text: String }
  type Vault implements Node @source(subgraph: "shop") @requiresRole(roles: ["admin"]) { id: ID! label: String audit: String self: Node }
  union Hit @source(subgraph: "shop") = Memo | Vault | Parcel
  type Parcel @source(subgraph: "shop") @policy(name: "claimEqualsField", claim: "sub", field: "owner.id", unlessScopes: [["parcels:all"]]) {
    number: Int owner: Owner weight: Int @requiresRole(roles: ["admin"])
  }
  type Chest @source(subgraph: "shop") @policy(name: "claimEqualsField", claim: "sub", field: "owners", unlessScopes: [["parcels:all"]]) { label: String owners: JSON }
  type Owner @source(subgraph: "shop") { id: ID name: String }
  type Card @source(subgraph: "crm") @policy(name: "claimEqualsField", claim: "sub", field: "holder.id", unlessScopes: [["parcels:all"]]) {
    text: String holder: Holder
  }
  type Holder @source(subgraph: "crm") { id: ID }
  type Person @source(subgraph: "crm") {
    id: ID name: String
    email(kind: String): String @requiresScopes(scopes: [["emails"]])
    salary: Int @policy(name: "claimEqualsField", claim: "sub", field: "id")
    orders: [Order!] @resolveTo(sourceName: "shop", sourceFieldName: "orders", keyField: "id", keysArg: "ids", valueKeyField: "id")
  }
  type Review @source(subgraph: "reviews") { orderId: ID stars: Int }
  type Tick @source(subgraph: "shop") { id: ID secret: String @requiresRole(roles: ["admin"]) }`;

const order = (id: string) => ({
  __typename: 'Order',
  id,
  label: `label ${id}`,
  audit: 'audit',
  total: 7,
  customerId: 'ada',
});
const memo = { __typename: 'Memo', id: 'm1', label: 'memo', audit: 'audit', text: 'words', self: order('o1') };
const vault = { __typename: 'Vault', id: 'v1', label: 'vault', audit: 'audit' };
const parcel = (number: number, id: string) => ({ __typename: 'Parcel', number, owner: { id, name: id } });

/** What sources answer, by root field. */
const ANSWERS: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => unknown>> = {
  orders: ({ ids }) => (Array.isArray(ids) ? ids.map((id) => order(String(id))) : [order('o1'), order('o2')]),
  order: ({ id }) => order(String(id)),
  cancel: ({ id }) => order(String(id)),
  parcels: () => [parcel(1, 'ada'), parcel(2, 'bo'), { number: 3 }, null],
  chests: () => [
    { label: 'own', owners: [['ada'], ['ada', ['ada']]] },
    { label: 'shared', owners: [['ada', 'bo']] },
    { label: 'deep', owners: ['ada', [['bo', 'ada']]] },
    { label: 'nobody', owners: [[]] },
    { label: 'odd', owners: [['ada', { id: 'ada' }]] },
  ],
  node: ({ id }) => (id === 'v1' ? vault : id === 'm1' ? memo : order(String(id))),
  hits: () => [memo, vault, parcel(1, 'ada'), parcel(2, 'bo')],
  reviews: () => [{ orderId: 'o1', stars: 5 }],
  ratings: () => 3,
};

/** Principals by the key they show. */
export const KEYS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  admin: {
    roles: ['admin'],
    scopes: ['orders:labels', 'orders:totals', 'orders:write', 'emails', 'reviews:read', 'costs', 'ticks', 'a', 'b'],
  },
  ada: { scopes: ['orders:totals', 'c', 'parcels:none'], claims: { orders: 'o1' }, tenant: 'acme' },
  keeper: { scopes: ['parcels:all'] },
  bo: { roles: ['support'], scopes: ['a', 'reviews:read', 'orders:labels', 'ticks'], tenant: 'umbrella' },
};

const apiKeysOf = (all: typeof KEYS) => ({
  keys: Object.entries(all).map(([id, granted]) => ({
    id,
    ...granted,
    secrets: [{ hash: hashKey(`secret-of-${id}`) }],
  })),
});

export type VaultGateway = {
  readonly app: KitApp;
  readonly supply: ReturnType<typeof makeSupply>;
  readonly generation: FixedGeneration;
  /** Calls since the last question, as `source.field`. */
  readonly calls: Call[];
  /** Asks as one of `KEYS`, or as nobody. */
  ask(who: string | undefined, query: string, options?: QueryOptions): Promise<Answer>;
  /** The header that shows who asks. */
  proofOf(who: string | undefined): Record<string, string>;
};

/** @param settings what a gateway.yaml would hold beside identity; @param sdl in place of the vault's */
export function openVault(settings: Readonly<Record<string, unknown>> = {}, sdl = VAULT, keys = KEYS): VaultGateway {
  const schema = buildSchema(sdl, { assumeValidSDL: true });
  const model = readModel(schema);
  const calls: Call[] = [];
  const connectorOf = (source: string): Connector => ({
    source,
    kind: source === 'crm' ? 'graphql' : 'rest',
    async call(call) {
      calls.push(call);
      call.record?.({ source, operation: call.operation, keys: call.keys ?? 0, ms: 0, bytes: 0, outcome: 'ok' });
      const data = source === 'crm' ? personsOf(call) : (ANSWERS[call.operation]?.(call.args) ?? call.operation);
      return { data, status: 200, bytes: 0 };
    },
    async *stream(call) {
      calls.push(call);
      if (call.operation === 'ticks') yield { id: 't1', secret: 'x' };
      else yield* [parcel(1, 'ada'), parcel(2, 'bo')];
    },
    async [Symbol.asyncDispose]() {},
  });
  const connectors = new Map(['shop', 'crm', 'reviews'].map((name) => [name, connectorOf(name)]));
  const ask = (): undefined => undefined;
  const ruleOf = () => ({ maxItems: 100, deadlineMs: undefined });
  const openUpstream = createOpenUpstream({ connectors, ask, ruleOf, onCall: () => undefined, now: Date.now });
  const planner = createPlanner(model);
  attachResolvers(schema, model, { perform: createPerform(connectors, ask), openUpstream, planner });
  const generation = Object.assign(makeGeneration('vault', schema), { model, planner });
  const supply = makeSupply(generation);
  const app = startApp(supply, { identity: { apiKeys: apiKeysOf(keys) }, ...settings });
  const proofOf = (who: string | undefined): Record<string, string> => (who ? { 'x-api-key': `secret-of-${who}` } : {});
  return {
    app,
    supply,
    generation,
    calls,
    proofOf,
    ask(who, query, options = {}) {
      calls.length = 0;
      return app.query(query, { ...options, headers: { ...options.headers, ...proofOf(who) } });
    },
  };
}

/** What a GraphQL source answers: what it was asked for, by the aliases of the selection. */
function personsOf(call: Call): unknown {
  const isList = call.operation !== 'person';
  const ids = call.operation === 'cards' ? ['ada', 'bo'] : isList ? (call.args['ids'] as string[]) : [call.args['id']];
  const people = ids.map((id) => {
    const person: Record<string, unknown> = {
      id,
      name: `name of ${id}`,
      email: `${id}@shop.test`,
      salary: 100,
      holder: { id },
    };
    const asked = [...(call.selection?.text ?? '').matchAll(/(\w+): (\w+)/g)];
    return {
      __typename: 'Person',
      ...Object.fromEntries(asked.map(([, alias = '', name = '']) => [alias, person[name]])),
    };
  });
  return isList ? people : people[0];
}

/** Calls as `source.field`, in order. */
export function namesOf(calls: readonly Call[]): string[] {
  return calls.map(({ source, operation }) => `${source}.${operation}`);
}
