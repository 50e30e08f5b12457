import type { Case } from '../../types.ts';
import { createPostsData, greeting } from './data.ts';

/**
 * The three queries of the public benchmark github.com/tailcallhq/graphql-benchmarks, word for word, and what their
 * answers must be. Nothing but the queries, the shape of the rows and the load (POST, 100 connections) comes from there.
 */
export function createPostsCases(): Case[] {
  const { posts, users } = createPostsData();
  const usersById = new Map(users.map(({ id, name, email }) => [id, { id, name, email }]));
  return [
    {
      name: 'posts-users',
      operation: { rootField: 'posts', rest: '{id,userId,title,user{id,name,email}}' },
      expected: posts.map(({ id, userId, title }) => ({ id, userId, title, user: usersById.get(userId) ?? null })),
    },
    {
      name: 'posts-titles',
      operation: { rootField: 'posts', rest: '{title}' },
      expected: posts.map(({ title }) => ({ title })),
    },
    { name: 'greet', operation: { rootField: 'greet', rest: '' }, expected: greeting },
  ];
}
