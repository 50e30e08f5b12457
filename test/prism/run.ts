/**
 * `npm run test:prism -- <contracts>`: every root field of each contract is asked once, with arguments made from the contract, of a
 * mock that refuses whatever breaks the contract. Each violation and each error of the gateway is a line; none is the target.
 */
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findContracts } from '../../scripts/ingest-report/files.ts';
import { openGateway } from '../kit/software.ts';
import { root } from '../repository.ts';
import { type Exchanged, installPrism, type Mock, startMock } from './mock.ts';
import { type AskedOperation, makeOperations } from './operations.ts';

export type PrismRow = {
  readonly file: string;
  readonly asked: number;
  readonly violations: readonly string[];
  readonly errors: readonly string[];
  /** Operations at which Prism itself ended: nobody knows what it would have said. */
  readonly unanswered: readonly string[];
  /** What Prism says although the contract does not. */
  readonly setAside: readonly string[];
};

type Gateway = Awaited<ReturnType<typeof openGateway>>;

/** Asks every operation of one contract. */
export async function checkContract(prism: string, file: string): Promise<PrismRow> {
  const mock = await startMock(prism, file);
  try {
    const source = { name: 'api', kind: 'openapi', contract: file, endpoint: mock.endpoint } as const;
    const gateway = await openGateway([source]);
    try {
      return await askAll(file, gateway, mock);
    } finally {
      await gateway[Symbol.asyncDispose]();
    }
  } finally {
    await mock[Symbol.asyncDispose]();
  }
}

async function askAll(file: string, { app, supply }: Gateway, mock: Mock): Promise<PrismRow> {
  const generation = supply.current();
  if (generation === undefined) throw new Error('nothing is served');
  const operations = await makeOperations(file, generation.schema);
  const violations: string[] = [];
  const errors: string[] = [];
  const unanswered: string[] = [];
  const setAside: string[] = [];
  for (const operation of operations) {
    const { body } = await app.query(operation.query, { variables: operation.variables });
    const exchanged = mock.take();
    const broken = exchanged.flatMap(({ violations: found }) => found);
    for (const text of broken) {
      const list = isOfPrismAlone(exchanged, text) ? setAside : violations;
      list.push(line(operation, exchanged, text));
    }
    errors.push(...operation.faults.map((text) => `${operation.wireName} (${operation.field}): ${text}`));
    if (await mock.revive()) {
      unanswered.push(`${operation.wireName} (${operation.field})`);
      continue;
    }
    const own = exchanged.flatMap(({ ownFaults }) => ownFaults);
    // One line tells enough of an answer that Prism made up.
    setAside.push(...own.slice(0, 1).map((text) => line(operation, exchanged, text)));
    // Told above; and an operation that can only fail has failed as its contract says.
    if (broken.length > 0 || own.length > 0 || !operation.canSucceed) continue;
    for (const { message, path, extensions } of body.errors ?? [])
      errors.push(line(operation, exchanged, `${String(extensions['code'])} at ${path?.join('.')}: ${message}`));
  }
  return { file, asked: operations.length, violations, errors, unanswered, setAside };
}

/**
 * Prism reads every part of a form as text. Without an Encoding Object that says otherwise a part that is an object or a list stands
 * there as JSON (OpenAPI 3.0.4 §4.8.15, the default of `contentType`), of which Prism says that it is none.
 */
function isOfPrismAlone(exchanged: readonly Exchanged[], violation: string): boolean {
  const type = String(exchanged.at(-1)?.headers['content-type']);
  const isForm = /^(multipart\/|application\/x-www-form-urlencoded)/.test(type);
  return isForm && /\bbody\.\w+: .*must be (array|object)$/.test(violation);
}

function line({ wireName, field }: AskedOperation, exchanged: readonly Exchanged[], text: string): string {
  const last = exchanged.at(-1);
  const sent = last
    ? ` · sent ${last.request} ${last.body.toString('utf8').slice(0, 200)} · got ${last.status} ${last.answer.slice(0, 160)}`
    : '';
  return `${wireName} (${field}): ${text}${sent}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(patterns: readonly string[]): Promise<void> {
  const given = patterns.length > 0 ? patterns : [join(root, 'test/contracts')];
  const found = (await findContracts(given, process.cwd())).filter(({ kind }) => kind === 'openapi');
  // Prism refuses a contract that is broken in places as a whole, and trips over names that are not English.
  const contracts = patterns.length > 0 ? found : found.filter(({ file }) => !/bad-refs|strange-names/.test(file));
  const prism = await installPrism();
  let asked = 0;
  let faults = 0;
  let unanswered = 0;
  for (const { file } of contracts) {
    const name = basename(file, extname(file));
    try {
      const row = await checkContract(prism, file);
      asked += row.asked;
      faults += row.violations.length + row.errors.length;
      unanswered += row.unanswered.length;
      print(`${name}: ${row.asked} operations, ${row.violations.length} violations, ${row.errors.length} errors`);
      for (const operation of row.unanswered) print(`  unanswered ${operation}: Prism ended`);
      for (const violation of row.setAside) print(`  set aside  ${violation}`);
      for (const violation of row.violations) print(`  violation  ${violation}`);
      for (const error of row.errors) print(`  error      ${error}`);
    } catch (error) {
      faults += 1;
      print(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  print(
    `\n${contracts.length} documents, ${asked} operations asked, ${unanswered} unanswered, ${faults} violations and errors`,
  );
  process.exitCode = faults === 0 && asked > 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
