/** The schema and the rows that engines are measured with: posts with their users, and orders three joins deep. */
import type { Perform } from '../../gateway/execute/perform.ts';
import { WIRE_DIRECTIVES } from '../../gateway/lib/wire-directives.ts';
import { createPostsData } from '../workloads/posts/data.ts';

const call = (source: string, path: string): string =>
  `@httpOperation(subgraph: "${source}", path: "${path}", httpMethod: "GET")`;
const join = (source: string, field: string, key: string, rowKey = 'id'): string =>
  `@resolveTo(sourceName: "${source}", sourceFieldName: "${field}", keyField: "${key}", keysArg: "ids", valueKeyField: "${rowKey}")`;

export const SDL = `${WIRE_DIRECTIVES}
extend schema @transport(subgraph: "posts", kind: "rest") @transport(subgraph: "users", kind: "rest") @transport(subgraph: "shop", kind: "rest")
type Query {
  greet: String ${call('posts', '/greet')}
  posts: [Post] ${call('posts', '/posts')}
  users(ids: [Int!]): [User] ${call('users', '/users')}
  orders: [Order!] ${call('shop', '/orders')}
  products(ids: [ID!]): [Product!] ${call('shop', '/products')}
  reviews(ids: [ID!]): [Review!] ${call('users', '/reviews')}
}
type Post @source(subgraph: "posts") { id: Int! userId: Int! title: String body: String user: User ${join('users', 'users', 'userId')} }
type User @source(subgraph: "users") { id: Int! name: String username: String email: String address: Address }
type Address @source(subgraph: "users") { street: String city: String geo: Geo }
type Geo @source(subgraph: "users") { lat: String lng: String }
enum Status @source(subgraph: "shop") { OPEN @enum(subgraph: "shop", value: "\\"open\\"") CLOSED @enum(subgraph: "shop", value: "\\"closed\\"") }
type Order @source(subgraph: "shop") { id: ID! status: Status total: Float! userId: Int! items: [Item!]! user: User ${join('users', 'users', 'userId')} }
type Item @source(subgraph: "shop") { quantity: Int! productId: ID! product: Product ${join('shop', 'products', 'productId')} }
type Product @source(subgraph: "shop") { id: ID! name: String! price: Float! reviews: [Review!]! ${join('users', 'reviews', 'id', 'productId')} }
type Review @source(subgraph: "users") { productId: ID! rating: Int! title: String userId: Int user: User ${join('users', 'users', 'userId')} }
`;

/** What is measured: 100 posts of ten users; 100 orders of 5 items, 50 products with 4 reviews each, and who wrote them. */
export const QUERIES = {
  'posts+users': '{ posts { id userId title user { id name email } } }',
  titles: '{ posts { title } }',
  greet: '{ greet }',
  shop: '{ orders { id status total user { name email } items { quantity product { name price reviews { rating title user { name address { city geo { lat } } } } } } } }',
} as const;

/** Answers at once, with values as parsed from JSON. */
export function createRows(): Perform {
  const { posts, users } = createPostsData();
  const byId = new Map(users.map((user) => [user.id, user]));
  const orders = Array.from({ length: 100 }, (_, index) => ({
    id: `ord_${index}`,
    status: index % 3 === 0 ? 'closed' : 'open',
    total: index * 1.25,
    userId: (index % 10) + 1,
    items: Array.from({ length: 5 }, (_, item) => ({ quantity: item + 1, productId: `p${(index * 5 + item) % 50}` })),
  }));
  const products = Array.from({ length: 50 }, (_, index) => ({
    id: `p${index}`,
    name: `Product ${index}`,
    price: index + 0.5,
  }));
  const reviews = products.flatMap(({ id: productId }, index) =>
    Array.from({ length: 4 }, (_, review) => ({
      productId,
      rating: review + 1,
      title: `As "expected" ${index}`,
      userId: ((index + review) % 10) + 1,
    })),
  );
  const rows: Readonly<Record<string, (ids: ReadonlySet<unknown>) => unknown>> = {
    greet: () => 'Hello World!',
    posts: () => posts,
    orders: () => orders,
    users: (ids) => [...ids].map((id) => byId.get(id as number)),
    products: (ids) => products.filter(({ id }) => ids.has(id)),
    reviews: (ids) => reviews.filter(({ productId }) => ids.has(productId)),
  };
  return async (_context, { operation, args }) => rows[operation]?.(new Set((args['ids'] as unknown[]) ?? []));
}
