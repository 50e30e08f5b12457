/** Joins of very many keys. */
import type { Answer } from '../kit/app.ts';
import type { FaultyUpstream } from '../kit/faulty-upstream.ts';
import type { Random } from './chance.ts';
import { between } from './chance.ts';
import { type Fault, PRIVATE, rest, sendJson } from './fault.ts';

const KEYS = 10_000;
type Person = { id: string; posts: { title: string }[] | null };

/** Everybody has one post, but for those whose number divides by 100. */
const hasPost = (id: string): boolean => Number(id.slice(1)) % 100 !== 0;

export function joinFaults(random: Random): Fault[] {
  const batch = between(random, 101, 400);
  const calls = Math.ceil(KEYS / batch);
  const broken = between(random, 0, KEYS - 1);
  return [
    {
      ...join(batch, undefined),
      name: `${KEYS} distinct keys in one join, ${batch} a call: ${calls} calls`,
      expected: 'answered',
      check: (answer, { upstreams }) => [...judgeRows(answer, []), ...judgeCalls(upstreams.posts.calls(), calls)],
    },
    {
      ...join(batch, `p${broken}`),
      name: `${KEYS} keys, the one call of ${calls} with key ${broken} fails`,
      expected: 'UPSTREAM_FAILED',
      check: (answer, { upstreams }) => {
        const failed = (answer.body.errors ?? []).map(({ path }) => Number(path?.[1]));
        const first = broken - (broken % batch);
        const wanted = Array.from({ length: Math.min(batch, KEYS - first) }, (_, n) => first + n);
        return [
          ...(failed.sort((a, b) => a - b).join() === wanted.join() ? [] : ['other keys fail than those of that call']),
          ...judgeRows(answer, wanted),
          ...judgeCalls(upstreams.posts.calls(), calls),
        ];
      },
    },
  ];
}

/** People are the failing source by name alone here; posts are what is joined to each. */
function join(batch: number, broken: string | undefined): Omit<Fault, 'name' | 'expected'> {
  return {
    fields: 'listPeople { id posts { title } }',
    calls: [1, 1],
    // Few bytes for each key.
    memory: { operations: 2, together: 1, bytes: 10 * KEYS },
    policies: { posts: { operations: { listPosts: { batchSize: batch } } } },
    upstreams: {
      people: rest((_, response) =>
        sendJson(
          response,
          200,
          Array.from({ length: KEYS }, (_, n) => ({ id: `p${n}` })),
        ),
      ),
      posts: () => startPosts(broken),
    },
  };
}

/** Rows come in the wrong order, with one that nobody asked for. */
function startPosts(broken: string | undefined): Promise<FaultyUpstream> {
  return rest((request, response) => {
    const ids = new URL(request.url ?? '', 'http://posts.test').searchParams.getAll('authorIds');
    if (ids.length === 0) return sendJson(response, 200, [{ id: 1, title: 'sibling' }]);
    if (broken !== undefined && ids.includes(broken)) return sendJson(response, 500, { detail: PRIVATE });
    const rows = ids.filter(hasPost).map((id, n) => ({ id: n, authorId: id, title: `of ${id}` }));
    sendJson(response, 200, [{ id: 0, authorId: 'stranger', title: 'of nobody' }, ...rows.reverse()]);
  })();
}

function judgeRows({ body }: Answer, failed: readonly number[]): string[] {
  const { listPeople: people } = body.data as { listPeople: Person[] };
  const without = new Set(failed);
  const wrong = people.filter(({ id, posts }, n) => {
    if (without.has(n)) return posts !== null;
    const titles = (posts ?? []).map(({ title }) => title).join();
    return id !== `p${n}` || titles !== (hasPost(id) ? `of ${id}` : '');
  });
  const rows = people.length === KEYS ? [] : [`${people.length} people`];
  return wrong.length === 0 ? rows : [...rows, `${wrong.length} of ${KEYS} have other posts, first ${wrong[0]?.id}`];
}

/** The sibling is one more call to the joined source. */
function judgeCalls(made: number, wanted: number): string[] {
  return made === wanted + 1 ? [] : [`${made - 1} calls for ${KEYS} keys, not ${wanted}`];
}
