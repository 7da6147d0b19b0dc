/** What the service and the process that applies migrations tell each other, over IPC. */

/** Sent over IPC because it holds a password: others could read arguments and the environment. */
export type ToEngine = { readonly databaseUrl: string };

export type FromEngine =
  | { readonly applied: string[] }
  | { readonly failure: { readonly message: string; readonly stack: string | undefined } };
