/**
 * Who the service is for a receiver that asks for a client certificate: one version of the certificate of one target.
 *
 * Certificate and key are private fields: what holds an identity (a claim, a request, an error) can be logged or inspected
 * without showing them.
 */
import type { SecureContext } from 'node:tls';
import type { CertificateAndKey } from '../../../domain/targets/certificates/client-certificate.ts';

export class ClientIdentity {
  /** Names the target and the version: connections and sessions of one identity serve no other. */
  readonly name: string;
  readonly #chainPem: string;
  readonly #keyPem: string;
  #isReplaced = false;
  #context: SecureContext | undefined;

  constructor(name: string, { chainPem, keyPem }: CertificateAndKey) {
    this.name = name;
    this.#chainPem = chainPem;
    this.#keyPem = keyPem;
  }

  /** Whether the target has another certificate now, or none: no connection is kept and no session is resumed any more. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  replace(): void {
    this.#isReplaced = true;
  }

  /** What a handshake needs, made once. */
  contextOf(create: (pair: { readonly cert: string; readonly key: string }) => SecureContext): SecureContext {
    this.#context ??= create({ cert: this.#chainPem, key: this.#keyPem });
    return this.#context;
  }
}
