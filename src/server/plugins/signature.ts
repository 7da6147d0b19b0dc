/** Mutations of an API key with a public key run only when they are signed (domain/signing/signed-api-request.ts). */
import type { IncomingMessage } from 'node:http';
import { getOperationAST } from 'graphql';
import type { Caller } from '../../access/caller.ts';
import type { Signatures } from '../../access/signatures.ts';
import {
  ORGANIZATION_HEADER,
  refuseSignature,
  SIGNATURE_HEADER,
  type SignedApiRequest,
  TIMESTAMP_HEADER,
  VERSION_HEADER,
} from '../../domain/signing/signed-api-request.ts';
import { RequestError } from '../../errors.ts';
import { keyOfHeaders } from './idempotent-request.ts';
import type { OperationContext, ServerPlugin } from '../request-record.ts';

/**
 * Checks the signature when everything else about the operation is right: only then is it known to be a mutation, and a
 * signature that was checked is used up. Whatever runs the mutation must come later in the list of plugins.
 */
export function useSignature({ signatures }: { readonly signatures: Signatures }): ServerPlugin {
  return {
    onExecute({ args: { document, operationName, contextValue } }) {
      const { caller } = contextValue.record;
      const publicKey = caller?.publicKey ?? null;
      if (caller === null || publicKey === null) return undefined;
      const body = takeBody(contextValue);
      const isMutation = getOperationAST(document, operationName)?.operation === 'mutation';
      return isMutation ? requireSignature(signatures, { ...caller, publicKey }, contextValue, body) : undefined;
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
  { apiKeyId, publicKey }: SigningCaller,
  { req, record }: OperationContext,
  body: Buffer,
): Promise<void> {
  const request = req && readSigned(req, apiKeyId, body);
  const refusal = request ? await signatures.use(publicKey, request) : NOT_HERE;
  if (refusal) throw new RequestError('SIGNATURE_REQUIRED', refusal.message, { reason: refusal.fault });
  record.signatureVersion = request?.version === '2' ? 2 : 1;
}

type SigningCaller = Pick<Caller, 'apiKeyId'> & { readonly publicKey: string };

const NOT_HERE = refuseSignature('WEBSOCKET', 'Over WebSocket they cannot be: send this one by HTTP POST.');

/** Throws BAD_USER_INPUT when the idempotency key has the wrong form. */
function readSigned(
  { headers, method = '', url: path = '' }: IncomingMessage,
  apiKeyId: string,
  body: Buffer,
): SignedApiRequest {
  const header = (name: string) => headers[name.toLowerCase()] as string | undefined;
  return {
    version: header(VERSION_HEADER),
    timestamp: header(TIMESTAMP_HEADER),
    signature: header(SIGNATURE_HEADER),
    method,
    host: headers.host ?? '',
    path,
    apiKeyId,
    idempotencyKey: keyOfHeaders(headers) ?? '',
    organizationId: header(ORGANIZATION_HEADER) ?? '',
    body,
  };
}
