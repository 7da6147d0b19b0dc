/** Mutations of an API key with a public key run only when they are signed (domain/signed-request.ts). */
import { getOperationAST } from 'graphql';
import type { Signatures } from '../access/signatures.ts';
import {
  refuseSignature,
  SIGNATURE_HEADER,
  type SignatureRefusal,
  TIMESTAMP_HEADER,
} from '../domain/signed-request.ts';
import { RequestError } from '../errors.ts';
import type { OperationContext, ServerPlugin } from './request-record.ts';

/**
 * Checked when all else about the operation is known to be right, since only then it is known to be a mutation, and since
 * a signature that was checked is used up. Whatever runs the mutation must come later in the list of plugins.
 */
export function useSignature({ signatures }: { readonly signatures: Signatures }): ServerPlugin {
  return {
    async onExecute({ args: { document, operationName, contextValue } }) {
      const body = takeBody(contextValue);
      if (getOperationAST(document, operationName)?.operation !== 'mutation') return;
      const refusal = await check(contextValue, body, signatures);
      if (refusal) throw new RequestError('SIGNATURE_REQUIRED', refusal.message, { reason: refusal.fault });
    },
    onSubscribe: ({ args }) => void takeBody(args.contextValue), // A stream may last for days, and its record with it.
  };
}

function takeBody({ record }: OperationContext): Buffer {
  const { body } = record;
  record.body = null;
  return body ?? Buffer.alloc(0);
}

async function check(
  { record, req }: OperationContext,
  body: Buffer,
  signatures: Signatures,
): Promise<SignatureRefusal | null> {
  const publicKey = record.caller?.publicKey ?? null;
  if (publicKey === null) return null;
  if (!req) return refuseSignature('WEBSOCKET', 'Over WebSocket they cannot be: send this one by HTTP POST.');
  const header = (name: string) => req.headers[name.toLowerCase()] as string | undefined;
  const [timestamp, signature] = [header(TIMESTAMP_HEADER), header(SIGNATURE_HEADER)];
  return signatures.use(publicKey, { timestamp, signature, method: req.method ?? '', path: req.url ?? '', body });
}
