import { type Code, count, identifier, js, lines, list, literal, toFunction } from './code.ts';

/** Program text in the making: one function is made of it, which gives what it was asked for. */
export type Sheet = {
  /** A name for a value that the text cannot hold: the same for the same value. */
  constant(value: unknown): Code;
  /** Writes a function down, and gives its name. */
  declare(parameters: readonly Code[], body: Code): Code;
  /** Something to be done when all functions are there. */
  atEnd(step: Code): void;
  /** Whether what comes now had better stand on a sheet of its own. */
  isFull(): boolean;
  /** @param result an expression for what is wanted; @param helpers what the text calls by these names */
  finish<T>(result: Code, helpers: Readonly<Record<string, unknown>>): T;
};

const PARAMETERS = [js`constants`, js`helpers`];

/** Functions of one sheet: more are made only when they are needed, since fragments can multiply without end. */
const MAX_FUNCTIONS = 300;

export function createSheet(): Sheet {
  const constants = new Map<unknown, Code>();
  const functions: Code[] = [];
  const steps: Code[] = [];
  return {
    constant(value) {
      let name = constants.get(value);
      if (!name) {
        name = js`k${count(constants.size)}`;
        constants.set(value, name);
      }
      return name;
    },
    declare(parameters, body) {
      const name = js`f${count(functions.length)}`;
      functions.push(js`function ${name}(${list(parameters)}) {\n${body}\n}`);
      return name;
    },
    atEnd: (step) => void steps.push(step),
    isFull: () => functions.length >= MAX_FUNCTIONS,
    finish(result, helpers) {
      const names = Object.keys(helpers).map((name) => js`const ${identifier(name)} = helpers[${literal(name)}];`);
      const values = [...constants.values()].map((name, index) => js`const ${name} = constants[${count(index)}];`);
      const body = lines([...names, ...values, ...functions, ...steps, js`return ${result};`]);
      const make = toFunction<(constants: readonly unknown[], helpers: unknown) => never>(PARAMETERS, body);
      return make([...constants.keys()], helpers);
    },
  };
}
