/** The messages between the event loop and a thread that checks data against schemas. */

/** A stored schema: `key` names it for as long as the thread lives. */
export type LoadedSchema = { readonly key: number; readonly text: string };

export type CheckJob = {
  readonly kind: 'check';
  /** Schemas that the thread has not been sent before. */
  readonly schemas: readonly LoadedSchema[];
  /** Keys of schemas that have not been used for long. */
  readonly forget: readonly number[];
  /** Data to check, in order, each with the key of its schema. */
  readonly items: readonly { readonly key: number; readonly dataText: string }[];
  readonly budgetMs: number;
};

export type ExamineJob = {
  readonly kind: 'examine';
  readonly schemaText: string;
  /** Data that must satisfy the schema; null when there is no example. */
  readonly exampleText: string | null;
  readonly compileLimitMs: number;
  readonly budgetMs: number;
};

export type ThreadJob = CheckJob | ExamineJob;

export type CheckReply = {
  /** For each checked item, in order: the rule that it breaks, or null. */
  readonly violations: readonly (string | null)[];
  readonly spentMs: number;
  /** Why the rest was not checked: the budget was spent, or the machine is so busy that it could not be spent in time. */
  readonly rest: 'none' | 'over budget' | 'out of time';
};

export type ExamineReply = {
  /** Why the value is not a schema; null when it is one. */
  readonly reason: string | null;
  readonly example: CheckReply;
};
