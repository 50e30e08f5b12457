import { seededRandom } from '../../lib/random.ts';

export type Post = { userId: number; id: number; title: string; body: string };

export type User = {
  id: number;
  name: string;
  username: string;
  email: string;
  address: { street: string; suite: string; city: string; zipcode: string; geo: { lat: string; lng: string } };
  phone: string;
  website: string;
  company: { name: string; catchPhrase: string; bs: string };
};

export const greeting = 'Hello World!';

const words = (
  'lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna ' +
  'aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute'
).split(' ');
const givenNames = ['Ada', 'Björn', 'Chiara', 'Dmitri', 'Edda', 'Farid', 'Grete', 'Hugo', 'Ines', 'Jonas'];
const familyNames = ['Holm', 'Okafor', 'Ricci', 'Sørensen', 'Novak', 'Haddad', 'Brandt', 'Moreau', 'Costa', 'Weiss'];

/**
 * The rows behind the posts workload: 100 posts of 10 users, ten each, with fields and sizes like JSONPlaceholder's
 * (a title of about 40 characters, a body of four lines). The same rows at every call.
 */
export function createPostsData(): { posts: readonly Post[]; users: readonly User[] } {
  const random = seededRandom(20_240_501);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? 'lorem';
  const phrase = (count: number) => Array.from({ length: count }, () => pick(words)).join(' ');
  const users = givenNames.map((given, index): User => {
    const family = familyNames[index] ?? 'Holm';
    const username = `${given}.${family}`.normalize('NFD').replace(/[^A-Za-z.]/g, '');
    return {
      id: index + 1,
      name: `${given} ${family}`,
      username,
      email: `${username.toLowerCase()}@example.org`,
      address: {
        street: `${pick(words)} ${pick(words)}`,
        suite: `Apt. ${100 + Math.floor(random() * 900)}`,
        city: pick(words),
        zipcode: String(10_000 + Math.floor(random() * 89_999)),
        geo: { lat: (random() * 180 - 90).toFixed(4), lng: (random() * 360 - 180).toFixed(4) },
      },
      phone: `1-${100 + Math.floor(random() * 900)}-${100 + Math.floor(random() * 900)}-${1000 + Math.floor(random() * 9000)}`,
      website: `${family
        .normalize('NFD')
        .replace(/[^A-Za-z]/g, '')
        .toLowerCase()}.example.org`,
      company: { name: `${family} and sons`, catchPhrase: phrase(4), bs: phrase(4) },
    };
  });
  const posts = Array.from(
    { length: 100 },
    (_, index): Post => ({
      userId: Math.floor(index / 10) + 1,
      id: index + 1,
      title: phrase(6),
      body: Array.from({ length: 4 }, () => phrase(6)).join('\n'),
    }),
  );
  return { posts, users };
}
