import { createServer } from 'node:http';
import { context, get, lambda, loadOne, makeGrafastSchema } from 'grafast';
import { grafserv } from 'grafserv/node';
import { createRestClient } from './dist/rest.js';

// Grafast is made for Node 22, which has this; the benchmark runs every server on the same Node.
Promise.withResolvers ??= () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const port = (name) => Number(process.env[`BENCH_${name}_PORT`]);
const forward = process.env.BENCH_FORWARD === 'true';
const posts = createRestClient(port('POSTS'));
const users = createRestClient(port('USERS'));

/** One bulk call for all users of a request, matched by id. */
async function loadUsers(ids, { shared: authorization }) {
  const rows = await users(`/users?${ids.map((id) => `id=${id}`).join('&')}`, authorization ?? undefined);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

const $authorization = () => get(context(), 'authorization');
const read = (authorization, path) => posts(path, authorization ?? undefined);
const pathOf = (tag) => (tag == null ? '/posts' : `/posts?tag=${encodeURIComponent(tag)}`);

const schema = makeGrafastSchema({
  typeDefs: `
    type User { id: Int name: String username: String email: String phone: String website: String }
    type Post { id: Int userId: Int title: String body: String user: User }
    type Query { posts(tag: String): [Post] greet: String }
  `,
  objects: {
    Query: {
      plans: {
        posts: (_, { $tag }) => lambda([$authorization(), $tag], ([caller, tag]) => read(caller, pathOf(tag))),
        greet: () => lambda($authorization(), (caller) => read(caller, '/greet')),
      },
    },
    Post: {
      plans: { user: ($post) => loadOne(get($post, 'userId'), { load: loadUsers, shared: $authorization }) },
    },
  },
});

const serv = grafserv({
  schema,
  preset: {
    grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false },
    grafast: {
      context: ({ node }) => ({ authorization: forward ? (node?.req.headers.authorization ?? null) : null }),
    },
  },
});
const server = createServer();
await serv.addTo(server);
server.listen(port('SERVER'), '127.0.0.1');
