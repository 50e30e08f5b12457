import { serve } from './http.ts';
import { createPostsServer } from './posts.ts';
import { createShopServer } from './shop.ts';

const { env } = process;
const port = (name: string) => Number(env[`BENCH_${name}_PORT`]);
const made =
  env['BENCH_WORKLOAD'] === 'shop'
    ? await createShopServer(
        { orders: port('ORDERS'), catalog: port('CATALOG'), inventory: port('INVENTORY') },
        env['BENCH_PROTO'] ?? '',
      )
    : createPostsServer({ posts: port('POSTS'), users: port('USERS') }, env['BENCH_FORWARD'] === 'true');

serve(made.schema, made.createContext, port('SERVER'));
