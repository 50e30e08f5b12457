import { createPostsServer } from './posts.ts';
import { createShopServer } from './shop.ts';

/** The workload's schema, what makes the loaders of one request, and where to listen; all from the environment. */
export async function makeFromEnv() {
  const { env } = process;
  const port = (name: string) => Number(env[`BENCH_${name}_PORT`]);
  const made =
    env['BENCH_WORKLOAD'] === 'shop'
      ? await createShopServer(
          { orders: port('ORDERS'), catalog: port('CATALOG'), inventory: port('INVENTORY') },
          env['BENCH_PROTO'] ?? '',
        )
      : createPostsServer({ posts: port('POSTS'), users: port('USERS') }, env['BENCH_FORWARD'] === 'true');
  return { ...made, port: port('SERVER') };
}
