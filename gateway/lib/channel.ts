/** Word between the processes of one gateway, about one thing. Bodies and answers are plain data: they are copied. */
export type Channel<Body, Answer = void> = {
  /** Tells all others; nobody waits. */
  tell(body: Body): void;
  /** Asks all others, and resolves with their answers when all have come or after so many ms. Never rejects. */
  ask(body: Body, limitMs: number): Promise<Answers<Answer>>;
  /** What this process does with it, and answers. There is one who does. */
  onWord(does: (body: Body) => Answer | Promise<Answer>): void;
};

export type Answers<Answer> = {
  readonly answers: readonly { readonly worker: number; readonly answer: Answer }[];
  /** Whether nobody is missing. */
  readonly isWhole: boolean;
};
