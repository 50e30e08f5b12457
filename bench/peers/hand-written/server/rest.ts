import { Pool } from 'undici';

/** Reads JSON from one REST service; the caller's `authorization` header goes along when it is given. */
export type RestClient = (path: string, authorization?: string) => Promise<unknown>;

/** A client over keep-alive connections to one service on this machine. */
export function createRestClient(port: number): RestClient {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 64 });
  return async (path, authorization) => {
    const { statusCode, body } = await pool.request({
      path,
      method: 'GET',
      headers:
        authorization === undefined ? { accept: 'application/json' } : { accept: 'application/json', authorization },
    });
    if (statusCode !== 200) {
      await body.dump();
      throw new Error(`${path.split('?', 1)[0]} answered ${statusCode}`);
    }
    return body.json();
  };
}
