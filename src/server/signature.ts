/** Mutations of an API key with a public key run only when they are signed (domain/signed-request.ts). */
import type { IncomingMessage } from 'node:http';
import { getOperationAST } from 'graphql';
import type { Signatures } from '../access/signatures.ts';
import { refuseSignature, SIGNATURE_HEADER, type SignedRequest, TIMESTAMP_HEADER } from '../domain/signed-request.ts';
import { RequestError } from '../errors.ts';
import type { OperationContext, ServerPlugin } from './request-record.ts';

/**
 * Checked when all else about the operation is known to be right, since only then it is known to be a mutation, and since
 * a signature that was checked is used up. Whatever runs the mutation must come later in the list of plugins.
 */
export function useSignature({ signatures }: { readonly signatures: Signatures }): ServerPlugin {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      const publicKey = contextValue.record.caller?.publicKey ?? null;
      if (publicKey === null) return undefined;
      const body = takeBody(contextValue);
      const isMutation = getOperationAST(document, operationName)?.operation === 'mutation';
      return isMutation ? requireSignature(signatures, publicKey, contextValue, body) : undefined;
    },
    onSubscribe: ({ args }) => void takeBody(args.contextValue), // A stream may last for days, and its record with it.
  };
}

function takeBody({ record }: OperationContext): Buffer {
  const { body } = record;
  record.body = null;
  return body ?? Buffer.alloc(0);
}

async function requireSignature(
  signatures: Signatures,
  publicKey: string,
  { req }: OperationContext,
  body: Buffer,
): Promise<void> {
  const refusal = req ? await signatures.use(publicKey, readSignature(req, body)) : NOT_HERE;
  if (refusal) throw new RequestError('SIGNATURE_REQUIRED', refusal.message, { reason: refusal.fault });
}

const NOT_HERE = refuseSignature('WEBSOCKET', 'Over WebSocket they cannot be: send this one by HTTP POST.');

function readSignature({ headers, method = '', url: path = '' }: IncomingMessage, body: Buffer): SignedRequest {
  const header = (name: string) => headers[name.toLowerCase()] as string | undefined;
  return { timestamp: header(TIMESTAMP_HEADER), signature: header(SIGNATURE_HEADER), method, path, body };
}
