import { parseArgs } from 'node:util';

export type Options = {
  quick: boolean;
  only: readonly string[];
  /** This project with each of its parts switched off, in place of the peers. */
  parts: boolean;
  /** A commit of this project to be measured as a server, too. */
  before: string | null;
  seconds: number | null;
  rounds: number | null;
  out: string | null;
  help: boolean;
};

export const usage = `npm run bench -- [options]

  --quick          fewer rows and shorter rounds: under three minutes once the peers are installed
  --only a,b       only these servers (folders of bench/peers)
  --parts          this project with each of what makes it fast switched off alone, and no peer
  --before REV     also this project as it was at a commit, and what became of it since
  --rounds N       rounds of each row (1 to 50)
  --seconds N      how long each round issues requests (0.5 to 60)
  --out FOLDER     where report.md and report.json go (default: bench)
  --help           this text
`;

/**
 * Reads the command line.
 *
 * @param known the names of the peers there are
 * @throws Error with one sentence when an option is unknown or its value makes no sense
 */
export function parseOptions(args: readonly string[], known: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      parts: { type: 'boolean', default: false },
      before: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only?.split(',').map((name) => name.trim()) ?? [];
  const strangers = only.filter((name) => !known.includes(name));
  if (strangers.length > 0)
    throw new Error(`--only: no such peer: ${strangers.join(', ')} (there are ${known.join(', ')})`);
  const seconds = values.seconds === undefined ? null : Number(values.seconds);
  if (seconds !== null && !(seconds >= 0.5 && seconds <= 60)) throw new Error('--seconds: a number from 0.5 to 60');
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 50))
    throw new Error('--rounds: a whole number from 1 to 50');
  const { quick, parts, before = null, out = null, help } = values;
  if (parts && only.length > 0) throw new Error('--parts measures this project alone: leave --only out');
  return { quick, only, parts, before, seconds, rounds, out, help };
}
