/** The log: JSON lines for machines, text for a person at a terminal, never a credential. */
import { isatty } from 'node:tty';
import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import pretty from 'pino-pretty';

export type Log = Logger;

export type LogOptions = {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** `auto` is text when standard output is a terminal, JSON otherwise. */
  readonly pretty: 'auto' | 'on' | 'off';
  /** Whether other processes write to the same output: then no write is so long that theirs could come between. */
  readonly isShared?: boolean;
  /** Where lines go; standard output unless given. */
  readonly destination?: DestinationStream;
};

const secretKeys = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
  'password',
  'token',
  'secret',
  'clientSecret',
];

/** At the top of a line, and one, two and three levels down: `headers.authorization`, `call.headers.cookie`. */
const redacted = secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`, `*.*.*["${key}"]`]);

/** Bytes that a pipe takes as a whole, whoever else writes to it (PIPE_BUF of Linux). */
const MOST_WHOLE = 4096;

/** Makes the one logger of a process; everything else gets it as an argument. */
export function createLog(options: LogOptions): Log {
  const forPeople = options.pretty === 'on' || (options.pretty === 'auto' && !options.destination && isatty(1));
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redacted, censor: '[secret]' },
  };
  if (forPeople) {
    const stream = options.destination ?? pino.destination({ dest: 1, sync: true });
    const style = { colorize: !options.destination && isatty(1), translateTime: 'SYS:HH:MM:ss.l', singleLine: true };
    return pino(settings, pretty({ ...style, destination: asWritable(stream), sync: true }));
  }
  const whole = options.isShared ? { maxWrite: MOST_WHOLE } : {};
  // Not synchronous: a slow log collector must not hold back requests. pino flushes when the process ends.
  return pino(settings, options.destination ?? pino.destination({ dest: 1, sync: false, ...whole }));
}

function asWritable(stream: DestinationStream): NodeJS.WritableStream {
  return stream as DestinationStream & NodeJS.WritableStream;
}
