/** Changes of a gateway that runs, by its admin port. */
import { isRecord } from '../../lib/json.ts';
import type { Outcome } from '../../registry/registrar/types.ts';
import { UsageError, type Values } from '../command.ts';
import { type ExitCode, exitCodes, type Io } from '../io.ts';
import { type Api, ApiRefusal, connectApi } from './api.ts';
import { bring } from './bring.ts';
import { mannerOf, numberOf, textOf } from './options.ts';
import { impactText, resultText, toldText } from './text.ts';

export async function addThere(io: Io, values: Values, api: Api, contract: string): Promise<ExitCode> {
  const { name, body } = await bring(io, values, contract);
  if (name === undefined) throw new UsageError('a contract from a URL needs --name');
  return change(io, values, () => api.ask('POST', '/sources', { ...body, ...mannerOf(values), name }));
}

export async function updateThere(
  io: Io,
  values: Values,
  api: Api,
  name: string,
  contract: string | undefined,
): Promise<ExitCode> {
  const { body } = await bring(io, values, contract, name);
  return change(io, values, () => api.ask('PUT', at(name), { ...body, ...mannerOf(values) }, ifMatch(values)));
}

export async function removeThere(io: Io, values: Values, api: Api, name: string): Promise<ExitCode> {
  return change(io, values, () => api.ask('DELETE', at(name), mannerOf(values), ifMatch(values)));
}

export async function rollBackThere(io: Io, values: Values, api: Api, name: string): Promise<ExitCode> {
  const version = numberOf(values, 'to');
  const body = { ...mannerOf(values), ...(version === undefined ? {} : { version }) };
  return change(io, values, () => api.ask('POST', `${at(name)}/rollback`, body, ifMatch(values)));
}

/** Takes the held version into service, or with `--to` the serving version to another gateway. */
export async function promoteThere(io: Io, values: Values, api: Api, name: string): Promise<ExitCode> {
  const to = textOf(values['to']);
  if (to === undefined)
    return change(io, values, () => api.ask('POST', `${at(name)}/promote`, mannerOf(values), ifMatch(values)));
  const there = connectApi(to, textOf(values['to-token']) ?? textOf(values['token']) ?? io.env['TRIBUTARY_TOKEN']);
  const { body } = await api.ask<{ body: Record<string, unknown> }>('GET', `${at(name)}/export`);
  const { sources } = await there.ask<{ sources: { name: string; state: string }[] }>('GET', '/sources');
  const isThere = sources.some((source) => source.name === name && source.state !== 'withdrawn');
  const manner = mannerOf(values);
  return change(io, values, () =>
    isThere
      ? there.ask('PUT', at(name), { ...body, ...manner })
      : there.ask('POST', '/sources', { ...body, ...manner, name }),
  );
}

export async function setStateThere(io: Io, values: Values, api: Api, name: string, state: string): Promise<ExitCode> {
  const reason = textOf(values['reason']);
  const done = await api.ask<{ revision: number }>('POST', `${at(name)}/state`, {
    state,
    ...(reason === undefined ? {} : { reason }),
  });
  io.out(
    values['json'] === true
      ? `${JSON.stringify(done, null, 2)}\n`
      : `${name} is ${state} (revision ${done.revision}).\n`,
  );
  return exitCodes.ok;
}

/** Makes a change and tells what came of it; a refusal tells why, with what the gateway knows of it. */
async function change(io: Io, values: Values, ask: () => Promise<Outcome>): Promise<ExitCode> {
  const json = values['json'] === true;
  try {
    const outcome = await ask();
    io.out(
      json
        ? `${JSON.stringify(outcome, null, 2)}\n`
        : `${[...toldText(outcome), '', resultText(outcome)].join('\n').trimStart()}\n`,
    );
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const { problem, message } = error;
    if (json) io.out(`${JSON.stringify(problem, null, 2)}\n`);
    else if (isRecord(problem['report']))
      io.out(`${toldText({ ...(problem as object), proposedJoins: [], acceptedJoins: [] }).join('\n')}\n`);
    else if (isRecord(problem['impact']))
      io.out(
        `${impactText(problem['impact'] as never)
          .join('\n')
          .trimStart()}\n`,
      );
    else if (isRecord(problem['changes']))
      io.out(
        `${impactText(problem['changes'] as never)
          .join('\n')
          .trimStart()}\n`,
      );
    io.err(`tributary: ${message}\n`);
    return exitCodes.bad;
  }
}

export function at(name: string): string {
  return `/sources/${encodeURIComponent(name)}`;
}

function ifMatch(values: Values): Record<string, string> {
  const version = numberOf(values, 'version');
  return version === undefined ? {} : { 'if-match': `"${version}"` };
}
