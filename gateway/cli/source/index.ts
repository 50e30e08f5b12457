import { type Command, UsageError, type Values } from '../command.ts';
import type { ExitCode, Io } from '../io.ts';
import { type Api, apiOf } from './api.ts';
import { addLocally, removeLocally, updateLocally } from './local.ts';
import { diff, list, show } from './look.ts';
import { sourceOptions } from './options.ts';
import { addThere, promoteThere, removeThere, rollBackThere, setStateThere, updateThere } from './remote.ts';

type Verb = {
  operands: string;
  /** How many operands there are. */
  least: number;
  most: number;
  run(io: Io, values: Values, operands: readonly string[], api: Api | undefined): Promise<ExitCode>;
};

const STATES = ['active', 'deprecated', 'quarantined'];

const verbs: Readonly<Record<string, Verb>> = {
  add: verb('CONTRACT', 1, 1, (io, values, [contract = ''], api) =>
    api ? addThere(io, values, api, contract) : addLocally(io, values, contract),
  ),
  update: verb('NAME [CONTRACT]', 1, 2, (io, values, [name = '', contract], api) =>
    api ? updateThere(io, values, api, name, contract) : updateLocally(io, values, name, contract),
  ),
  rm: verb('NAME', 1, 1, (io, values, [name = ''], api) =>
    api ? removeThere(io, values, api, name) : removeLocally(io, values, name),
  ),
  list: verb('', 0, 0, (io, values, _operands, api) => list(io, values, api)),
  show: verb('NAME', 1, 1, (io, values, [name = ''], api) => show(io, values, api, name)),
  diff: verb('NAME [CONTRACT]', 1, 2, (io, values, [name = '', contract], api) =>
    diff(io, values, api, name, contract),
  ),
  rollback: verb('NAME', 1, 1, (io, values, [name = ''], api) =>
    rollBackThere(io, values, needed(api, 'rollback'), name),
  ),
  promote: verb('NAME', 1, 1, (io, values, [name = ''], api) => promoteThere(io, values, needed(api, 'promote'), name)),
  state: verb(`NAME ${STATES.join('|')}`, 2, 2, (io, values, [name = '', state = ''], api) => {
    if (!STATES.includes(state)) throw new UsageError(`a state is one of ${STATES.join(', ')}`);
    return setStateThere(io, values, needed(api, 'state'), name, state);
  }),
};

/** Sources of the project folder, or with `--gateway` of a gateway that runs. */
export const source: Command = {
  name: 'source',
  summary: 'Add sources, change them, take them out, and look at them',
  operands: Object.entries(verbs)
    .map(([name, { operands }]) => `${name} ${operands}`.trim())
    .join(' | '),
  options: sourceOptions,
  examples: [
    'tributary source add ./billing.openapi.yaml --endpoint http://127.0.0.1:8080',
    'tributary source add ./stock.proto --endpoint 127.0.0.1:50051 --name stock --dry-run',
    'tributary source add stock --reflection 127.0.0.1:50051',
    'tributary source add ./billing.openapi.yaml --gateway http://127.0.0.1:4001 --accept-joins',
    'tributary source update billing ./billing.openapi.yaml --gateway http://127.0.0.1:4001 --dry-run',
    'tributary source rm billing',
  ],
  async run(io, values, [name = '', ...operands]) {
    const found = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (!found) throw new UsageError(`source wants one of ${Object.keys(verbs).join(', ')}`);
    const { least, most } = found;
    const extra = operands[most];
    if (extra !== undefined)
      throw new UsageError(`"${extra}" is too much: source ${name} takes ${found.operands || 'options only'}`);
    if (operands.length < least) throw new UsageError(`source ${name} wants ${found.operands}`);
    return found.run(io, values, operands, apiOf(io, values));
  },
};

function verb(operands: string, least: number, most: number, run: Verb['run']): Verb {
  return { operands, least, most, run };
}

/** What the project folder has git for. */
function needed(api: Api | undefined, name: string): Api {
  if (api) return api;
  throw new UsageError(`source ${name} wants --gateway URL: versions of the project folder are git’s`);
}
