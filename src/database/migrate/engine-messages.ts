/** What the service and the process that applies migrations tell each other, over IPC. */

/** Not by arguments or environment, where others would read it: it holds a password. */
export type ToEngine = { readonly databaseUrl: string };

export type FromEngine =
  | { readonly applied: string[] }
  | { readonly failure: { readonly message: string; readonly stack: string | undefined } };
