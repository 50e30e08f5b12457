import type { Hono } from 'hono';
import { z } from 'zod';
import { problem } from './problem.ts';

const name = z.string().min(1).max(256);
const names = z.array(name).max(1000);

const asked = z
  .strictObject({
    entities: z
      .array(z.strictObject({ type: name, id: z.union([z.string().max(4096), z.number()]) }))
      .max(1000)
      .optional(),
    types: names.optional(),
    lists: names.optional(),
    tags: names.optional(),
    sources: names.optional(),
    all: z.literal(true).optional(),
  })
  .refine((value) => Object.values(value).some((each) => each === true || (Array.isArray(each) && each.length > 0)));

export type DropAnswers = (dropped: z.output<typeof asked>) => Promise<boolean>;

/**
 * `POST /admin/cache/invalidate` with any of `{"entities": [{"type", "id"}], "types", "lists", "tags", "sources", "all": true}` drops kept
 * answers by what is in them, at all replicas. `{"replicas": "told"}`, or `"owed"` while the store that they share is away.
 */
export function addCacheInvalidation(app: Hono, drop: DropAnswers): void {
  app.post('/admin/cache/invalidate', async (context) => {
    const body: unknown = await context.req.json().catch(() => undefined);
    const parsed = asked.safeParse(body);
    if (!parsed.success) {
      const detail =
        'Send what to drop: {"entities": [{"type": "User", "id": "1"}]}, {"types": ["User"]}, {"lists": ["User"]}, {"tags": ["prices"]}, {"sources": ["users"]} or {"all": true}.';
      return problem(400, 'Bad Request', detail);
    }
    return context.json({ replicas: (await drop(parsed.data)) ? 'told' : 'owed' });
  });
}
