import type { UpstreamPorts } from '../../types.ts';

/** The posts workload as Tailcall writes it: users by one bulk call, matched by id; equal calls and operations under way are shared. */
export function configOf({
  port,
  upstream,
  forward,
}: {
  port: number;
  upstream: UpstreamPorts;
  forward: boolean;
}): string {
  const posts = `http://127.0.0.1:${upstream['posts']}`;
  const users = `http://127.0.0.1:${upstream['users']}`;
  const headers = forward ? ', allowedHeaders: ["authorization"]' : '';
  return `
schema
  @server(hostname: "127.0.0.1", port: ${port}, workers: 1)
  @upstream(batch: { delay: 1, maxSize: 100 }, poolIdleTimeout: 60, poolMaxIdlePerHost: 1024${headers}) {
  query: Query
}

type Query {
  posts(tag: String): [Post]
    @http(url: "${posts}/posts", query: [{ key: "tag", value: "{{.args.tag}}", skipEmpty: true }], dedupe: true)
  greet: String @http(url: "${posts}/greet", dedupe: true)
}

type Post {
  id: Int
  userId: Int
  title: String
  body: String
  user: User
    @http(url: "${users}/users", query: [{ key: "id", value: "{{.value.userId}}" }], batchKey: ["id"], dedupe: true)
}

type User {
  id: Int
  name: String
  username: String
  email: String
  phone: String
  website: String
}
`;
}
