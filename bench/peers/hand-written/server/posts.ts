import DataLoader from 'dataloader';
import { createRestClient } from './rest.ts';
import { createSchema } from './schema.ts';

type User = { id: number };
type Post = { userId: number };
type Context = { authorization: string | undefined; users: DataLoader<number, User | null> };

const typeDefs = `
  type User { id: Int name: String username: String email: String phone: String website: String }
  type Post { id: Int userId: Int title: String body: String user: User }
  type Query { posts(tag: String): [Post] greet: String }
`;

/** The posts workload by hand: one call for the posts, one bulk call for their users, matched by id. */
export function createPostsServer(ports: { posts: number; users: number }, forward: boolean) {
  const posts = createRestClient(ports.posts);
  const users = createRestClient(ports.users);
  const schema = createSchema<Context>(typeDefs, {
    Query: {
      posts: (_root, { tag }: { tag?: string }, context) =>
        posts(tag === undefined ? '/posts' : `/posts?tag=${encodeURIComponent(tag)}`, context.authorization),
      greet: (_root, _args, context) => posts('/greet', context.authorization),
    },
    Post: { user: (post: Post, _args, context) => context.users.load(post.userId) },
  });
  const createContext = (caller: string | undefined): Context => {
    const authorization = forward ? caller : undefined;
    const loadUsers = async (ids: readonly number[]) => {
      const rows = (await users(`/users?${ids.map((id) => `id=${id}`).join('&')}`, authorization)) as User[];
      const byId = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => byId.get(id) ?? null);
    };
    return { authorization, users: new DataLoader(loadUsers) };
  };
  return { schema, createContext };
}
