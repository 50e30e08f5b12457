import { parseArgs } from 'node:util';

export type Options = {
  quick: boolean;
  only: readonly string[];
  seconds: number | null;
  out: string | null;
  help: boolean;
};

export const usage = `npm run bench -- [options]

  --quick          fewer rows and shorter rounds: under three minutes once the peers are installed
  --only a,b       only these servers (folders of bench/peers)
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
  return { quick: values.quick, only, seconds, out: values.out ?? null, help: values.help };
}
