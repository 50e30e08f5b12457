/** `tributary`: finds the command, tells usage faults from faults of ours, and never shows a stack trace unless asked to. */

import { GatewayError } from '../errors.ts';
import { nearest } from '../lib/nearest.ts';
import { OWN_COMMANDS } from '../lib/program.ts';
import type { Command } from './command.ts';
import { columns, helpOf, parseLine, UsageError } from './command.ts';
import type { ExitCode, Io, Parent } from './io.ts';
import { exitCodes } from './io.ts';
import { readVersion } from './version.ts';

type Entry = { readonly name: string; readonly summary: string; load(): Promise<Command> };

/** Loaded when called for: help must not wait for what only building needs. */
const entries: readonly Entry[] = [
  {
    name: 'serve',
    summary: 'serve the project as one GraphQL API',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'check',
    summary: 'check the project, all faults at once',
    load: async () => (await import('./check.ts')).check,
  },
  { name: 'schema', summary: 'print or write the schema', load: async () => (await import('./schema.ts')).schema },
  {
    name: 'explain',
    summary: 'show which upstream calls an operation makes',
    load: async () => (await import('./explain.ts')).explain,
  },
  { name: 'key', summary: 'make, replace or take back an API key', load: async () => (await import('./key.ts')).key },
  {
    name: 'cost',
    summary: 'price an operation and show where the price goes',
    load: async () => (await import('./cost.ts')).cost,
  },
  {
    name: 'source',
    summary: 'add sources, change them, take them out',
    load: async () => (await import('./source/index.ts')).source,
  },
];

/** Command lines of processes that the program starts itself: no person sees them. */
const ownCommands: ReadonlyMap<string, (io: Io, parent: Parent) => Promise<ExitCode>> = new Map([
  [
    OWN_COMMANDS.build,
    async (io, parent) => {
      await (await import('../registry/build-host.ts')).hostBuild(parent, io.env);
      return exitCodes.ok;
    },
  ],
  [OWN_COMMANDS.serve, async (io, parent) => (await import('./serve.ts')).serveSupervised(io, parent)],
]);

/** Runs one command line; what it resolves with is the exit code. It never throws. */
export async function runCli(io: Io): Promise<ExitCode> {
  try {
    return await dispatch(io);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`tributary: ${error.message}\nTry: tributary --help\n`);
      return exitCodes.usage;
    }
    io.err(`tributary: ${explain(error, io.env['LOG_LEVEL'] === 'debug')}\n`);
    return error instanceof GatewayError ? exitCodes.bad : exitCodes.internal;
  }
}

async function dispatch(io: Io): Promise<ExitCode> {
  const [name, ...rest] = io.argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const text = name === 'help' && rest[0] !== undefined ? helpOf(await find(rest[0]).load()) : overview();
    if (name === undefined) io.err(text);
    else io.out(text);
    return name === undefined ? exitCodes.usage : exitCodes.ok;
  }
  if (name === '--version' || name === '-v') {
    io.out(`${readVersion()}\n`);
    return exitCodes.ok;
  }
  const own = ownCommands.get(name);
  if (own !== undefined && io.parent !== undefined) return await own(io, io.parent);
  const command = await find(name).load();
  const { values, operands } = parseLine(command, rest);
  if (values['help'] === true) {
    io.out(helpOf(command));
    return exitCodes.ok;
  }
  return await command.run(io, values, operands);
}

function find(name: string): Entry {
  const names = entries.map((entry) => entry.name);
  const entry = entries.find((each) => each.name === name);
  if (entry !== undefined) return entry;
  const near = nearest(name, names);
  const hint = near === undefined ? `the commands are ${names.join(', ')}` : `did you mean "${near}"?`;
  throw new UsageError(`there is no command "${name}": ${hint}`);
}

function overview(): string {
  return [
    'Usage: tributary <command> [options]',
    '',
    'One GraphQL API over the REST and gRPC services you already have.',
    '',
    'Commands:',
    ...columns(entries.map(({ name, summary }) => [name, summary])),
    '',
    'Options:',
    ...columns([
      ['--help', 'show this help; after a command, its own'],
      ['--version', 'show the version'],
    ]),
    '',
    'Exit codes: 0 it worked, 1 what was looked at is bad, 2 wrong usage, 70 a fault of the program.',
    '',
  ].join('\n');
}

function explain(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return withStack && error.stack !== undefined ? error.stack : error.message;
}
