/** Before all tests: where no Redis runs, and none is named by REDIS_URL, one is started that ends with them. */
import { reaches, redisUrl, startRedis } from './redis-servers.ts';

export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (await reaches(redisUrl)) return undefined;
  const server = await startRedis();
  if (server === undefined) return undefined;
  process.env['REDIS_URL'] = server.url;
  return async () => await server[Symbol.asyncDispose]();
}
