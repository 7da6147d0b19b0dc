/** What the service and the process that applies migrations tell each other, over IPC. */

/** Sent over IPC because it holds a password: others could read arguments and the environment. */
export type ToEngine = { readonly databaseUrl: string };

export type FromEngine =
  | { readonly done: true }
  | {
      readonly failure: {
        readonly message: string;
        readonly stack: string | undefined;
        readonly code: string | undefined;
      };
    };
