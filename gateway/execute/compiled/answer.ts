/** Answers that are text already: who looks at their data finds it, and who sends them need not write it again. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Written } from './words.ts';

/**
 * The text of an answer's data, and the data once somebody has looked at it: then that counts, since it may have been changed. `seen` is
 * the data for those who promise not to. Equal operations share a source.
 */
type Source = {
  readonly text: string;
  read: { data: Data } | undefined;
  seen?: { readonly data: Data };
  /** The whole body of an answer that is nothing but the data, once it was asked for: equal answers may share it. */
  readonly body: Written['body'];
};
type Data = NonNullable<ExecutionResult['data']> | null;

const SOURCE = Symbol('the text of data');

/** `stringify` is how GraphQL Yoga asks for the JSON of a result. */
type Answer = ExecutionResult & { readonly [SOURCE]: Source; readonly stringify: (answer: object) => string };

type Others = Pick<ExecutionResult, 'errors' | 'extensions'>;

/** A result like any other. Its `data` is read from the text when somebody looks, a copy with other data is a plain result. */
export function answerOf({ text, errors, body }: Written): ExecutionResult {
  return createAnswer({ text, read: undefined, body }, errors.length > 0 ? { errors } : {});
}

/** The result with other errors or extensions; the text of its data stays. */
export function extendAnswer<R extends ExecutionResult>(result: R, others: Others): R {
  const source = sourceOf(result);
  if (!source) return { ...result, ...others };
  const { errors = others.errors, extensions = others.extensions } = { ...ownOthers(result), ...others };
  return createAnswer(source, { ...(errors && { errors }), ...(extensions && { extensions }) }) as Answer & R;
}

/** The result for who copies it before its JSON is written: the copy has no data, and needs none. */
export function sealAnswer<R extends ExecutionResult>(result: R): R {
  const source = sourceOf(result);
  if (!source || result.errors === undefined) return result;
  const sealed = { [SOURCE]: source, ...ownOthers(result), stringify: writerOf(source) };
  return Object.defineProperty(sealed, 'data', {
    get: () => dataOf(source),
    enumerable: false,
  }) as ExecutionResult as R;
}

/** The data of a result, for who changes nothing of it: an answer's text goes on counting. */
export function seeData(result: ExecutionResult): ExecutionResult['data'] {
  const source = sourceOf(result);
  if (!source || source.read) return result.data;
  source.seen ??= { data: JSON.parse(source.text) as Data };
  return source.seen.data;
}

/** Shorter texts are written in one piece with the head of the answer sooner than bytes beside it. */
const LEAST_BYTES = 4096;

/**
 * The body of an answer that is nothing but data nobody has looked at; undefined for every other result. Who asks first gets the text:
 * bytes are made of a long one, for all who come after.
 */
export function bodyOf(result: ExecutionResult): string | Buffer | undefined {
  const source = sourceOf(result);
  if (!source || source.read || result.errors || result.extensions) return undefined;
  const { body, text } = source;
  if (!body.isAsked || text.length < LEAST_BYTES) {
    body.isAsked = true;
    return `{"data":${text}}`;
  }
  body.bytes ??= Buffer.from(`{"data":${text}}`, 'utf8');
  return body.bytes;
}

function createAnswer(source: Source, { errors, extensions }: Others): Answer {
  return {
    [SOURCE]: source,
    ...(errors && { errors }),
    get data() {
      return dataOf(source);
    },
    /** Who puts other data in its place has a plain result. */
    set data(value) {
      Object.defineProperty(this, 'data', { value, enumerable: true, writable: true, configurable: true });
    },
    stringify: writerOf(source),
    ...(extensions && { extensions }),
  };
}

/** The source of an answer whose data is still its own. */
function sourceOf(result: ExecutionResult): Source | undefined {
  const isOwn = Object.getOwnPropertyDescriptor(result, 'data')?.get !== undefined;
  return isOwn ? (result as Partial<Answer>)[SOURCE] : undefined;
}

function ownOthers({ errors, extensions }: ExecutionResult): Others {
  return { ...(errors && { errors }), ...(extensions && { extensions }) };
}

function dataOf(source: Source): Data {
  source.read ??= { data: JSON.parse(source.text) as Data };
  return source.read.data;
}

function writerOf(source: Source): (answer: object) => string {
  return (answer) => {
    const own = Object.getOwnPropertyDescriptor(answer, 'data');
    const others = Object.entries(answer as { errors?: readonly GraphQLError[] }).filter(([key]) => key !== 'data');
    if (own && !own.get) return JSON.stringify(answer);
    const data = source.read ? JSON.stringify(source.read.data) : source.text;
    const parts = others.flatMap(([key, value]) => {
      const text: string | undefined = JSON.stringify(value);
      return text === undefined ? [] : [{ key, text: `${JSON.stringify(key)}:${text}` }];
    });
    const errors = parts.find(({ key }) => key === 'errors');
    const rest = parts.filter((part) => part !== errors);
    return `{${[...(errors ? [errors.text] : []), `"data":${data}`, ...rest.map(({ text }) => text)].join()}}`;
  };
}
