/** What every command is made of, so that each is one file and help is the same everywhere. */
import { resolve } from 'node:path';
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';
import type { ExitCode, Io } from './io.ts';

export type Option = {
  readonly type: 'string' | 'boolean';
  /** Name of the value in help; for `string`. */
  readonly value?: string;
  readonly description: string;
  /** Whether it may be given several times: its value is a list then. */
  readonly multiple?: true;
};

export type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export type Command = {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What may follow the name, options aside: empty for nothing. */
  readonly operands?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Command lines as a person would write them. */
  readonly examples: readonly string[];
  run(io: Io, values: Values, operands: readonly string[]): Promise<ExitCode>;
};

/** A person wrote something a command cannot take; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const dirOption: Option = { type: 'string', value: 'DIR', description: 'project folder (default: .)' };
export const jsonOption: Option = { type: 'boolean', description: 'print one JSON value for programs' };

export const failUnderOption: Option = {
  type: 'string',
  value: 'SCORE',
  description: 'exit code 1 for a contract whose score (0 to 100) is lower',
};

/** The score that was asked for; undefined where none was. */
export function failUnder(values: Values): number | undefined {
  const given = values['fail-under'];
  if (given === undefined) return undefined;
  const score = typeof given === 'string' && given.trim() !== '' ? Number(given) : Number.NaN;
  if (!(score >= 0 && score <= 100)) throw new UsageError('--fail-under wants a number from 0 to 100');
  return score;
}

/** The project folder an invocation is about. */
export function projectDir(io: Io, values: Values): string {
  return resolve(io.cwd, typeof values['dir'] === 'string' ? values['dir'] : '.');
}

/**
 * Options and operands of one command line.
 *
 * @throws UsageError for what the command does not know
 */
export function parseLine(command: Command, argv: readonly string[]): { values: Values; operands: readonly string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } };
  for (const [name, { type, multiple = false }] of Object.entries(command.options)) options[name] = { type, multiple };
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    if (command.operands === undefined && positionals.length > 0 && values['help'] !== true) {
      throw new UsageError(`"${positionals[0]}" is too much: ${command.name} takes options only`);
    }
    return { values: values as Values, operands: positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // node's sentence names the option; what it advises beyond that does not apply.
    const [sentence = ''] = (error as Error).message.split(/\. /);
    throw new UsageError(sentence);
  }
}

/** The help of one command. */
export function helpOf(command: Command): string {
  const operands = command.operands === undefined ? '' : ` ${command.operands}`;
  const rows = Object.entries(command.options).map(([name, { value, description }]): [string, string] => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    description,
  ]);
  return [
    `Usage: tributary ${command.name}${operands} [options]`,
    '',
    `${command.summary}.`,
    '',
    'Options:',
    ...columns([...rows, ['--help', 'show this help']]),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

/** Two columns, indented. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`);
}
