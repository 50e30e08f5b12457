/** What the texts of contracts tell of a key beside its name. */
import type { FieldDefinitionNode } from 'graphql';
import { namedTypeOf } from '../../lib/ast.ts';
import { directivesNamed } from '../../lib/sdl.ts';
import type { SourceDocument } from '../documents.ts';
import { singularOf } from './inflect.ts';
import { wordsOf } from './phrases.ts';

type Described = Pick<FieldDefinitionNode, 'description'>;
type Written = Pick<FieldDefinitionNode, 'description' | 'type'>;

const MAX_TEXT = 600;
/** Keys of another system, or of no thing at all. */
const FOREIGN =
  /(?<![a-z])(external|third[- ]party|your (own )?(system|database|application|records)|legacy|idempoten\w+|correlation|deprecated|unused|reserved for)(?![a-z])/i;

/** Whether the text says that the key belongs to a system that is none of the sources. */
export function isForeign(node: Described): boolean {
  return FOREIGN.test(textOf(node));
}

/** Whether the text names the thing itself: "Id of the customer who ordered". */
export function namesThing(node: Described, phrase: string): boolean {
  const said = ` ${wordsOf(textOf(node)).join(' ')} `;
  return said.includes(` ${phrase} `);
}

/**
 * Whether two keys look alike, by their examples and by what their types say of their form: `prd_0007` and `prd_0001`, not `prd_0007` and
 * `17`, nor `auth0|5f7c` and a UUID. Undefined where nothing is known of one, or where the form says nothing (plain numbers).
 */
export function examplesAgree(a: Written, b: Written): boolean | undefined {
  const [first, second] = [formOf(a), formOf(b)];
  if (first === undefined || second === undefined) return undefined;
  // A form of its own is no other known one; two of them may be the same.
  if (first === 'own' || second === 'own') return first === 'uuid' || second === 'uuid' ? false : undefined;
  return first === second ? (first === '9' || first === 'uuid' ? undefined : true) : false;
}

/** Words for what every service has of its own, under the same names as others. */
const EVERYWHERE = new Set([
  ...[
    'status',
    'state',
    'stage',
    'phase',
    'step',
    'level',
    'priority',
    'severity',
    'type',
    'kind',
    'class',
    'category',
  ],
  ...['subcategory', 'group', 'role', 'permission', 'tag', 'label', 'reason', 'result', 'error', 'template', 'channel'],
  ...['version', 'revision', 'option', 'setting', 'attribute', 'field', 'value', 'rule', 'policy', 'scope'],
  ...['item', 'entry', 'record', 'row', 'line', 'log', 'note', 'comment', 'message', 'notification', 'request', 'job'],
  ...['task', 'batch', 'run', 'session', 'token', 'section', 'list', 'set', 'unit', 'node', 'parent'],
]);

/**
 * Whether a name alone does not lead to another source: the category of a ticket is none of a product. It does where that source is
 * there for such things: `categories`.
 */
export function isEverywhere(thing: string, source: string): boolean {
  return EVERYWHERE.has(thing) && !wordsOf(source).some((word) => singularOf(word) === thing);
}

function formOf(node: Written): string | undefined {
  if (namedTypeOf(node.type).name.value === 'UUID') return 'uuid';
  const [, example = ''] = /Example: `([^`]{1,80})`/.exec(node.description?.value ?? '') ?? [];
  if (example === '') return undefined;
  if (/^\d+$/.test(example)) return '9';
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(example)) return 'uuid';
  const [prefix] = /^([A-Za-z]{1,12}[_:]|[A-Z]{1,12}-)/.exec(example) ?? [];
  return prefix?.toLowerCase() ?? 'own';
}

/**
 * Whether two sources may belong to one company: not where both are known to be served by public hosts of different domains.
 */
export function mayBelongTogether(a: SourceDocument, b: SourceDocument): boolean {
  const [first, second] = [domainOf(a), domainOf(b)];
  return first === undefined || second === undefined || first === second;
}

/** The last two labels of a public host; undefined for addresses, single labels and names that only resolve inside. */
function domainOf({ transport }: SourceDocument): string | undefined {
  const [args] = directivesNamed(transport, 'transport');
  const host = /^\w+:\/\/(?:[^/@]*@)?([^/:]+)/.exec(String(args?.['location'] ?? ''))?.[1]?.toLowerCase();
  const labels = host?.split('.') ?? [];
  const last = labels.at(-1) ?? '';
  const isInside =
    labels.length < 2 ||
    /^\d*$/.test(last) ||
    /^(local|localhost|internal|lan|test|example|invalid|svc|cluster|home|corp)$/.test(last);
  return isInside ? undefined : labels.slice(-2).join('.');
}

function textOf({ description }: Described): string {
  return description?.value.slice(0, MAX_TEXT) ?? '';
}
