/** A mutation of a form: its expected failures are kept, so that they stand beside their fields. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useState } from 'react';
import { useMutation } from './use-mutation.ts';
import type { UserErrors } from './user-errors.ts';

export type Change<Payload, Variables> = {
  /** The payload; null when nothing was changed: the form shows why. */
  readonly send: (variables: Variables) => Promise<Payload | null>;
  readonly isBusy: boolean;
  readonly userErrors: UserErrors;
  /** Why there was no answer. */
  readonly failure: unknown;
  /** Forgets the failures, for a form that opens anew. */
  readonly reset: () => void;
};

const NONE: UserErrors = [];

/** The document holds one mutation. */
export function useChange<Payload extends { readonly userErrors: UserErrors }, Variables>(
  document: TypedDocumentNode<Readonly<Record<string, Payload>>, Variables>,
): Change<Payload, Variables> {
  const { run, isRunning, error, reset: forgetError } = useMutation(document);
  const [userErrors, setUserErrors] = useState(NONE);
  const send = async (variables: Variables): Promise<Payload | null> => {
    setUserErrors(NONE);
    const [payload] = Object.values((await run(variables)) ?? {});
    if (!payload) return null;
    setUserErrors(payload.userErrors);
    return payload.userErrors.length === 0 ? payload : null;
  };
  function reset(): void {
    setUserErrors(NONE);
    forgetError();
  }
  return { send, isBusy: isRunning, userErrors, failure: error, reset };
}
