/** Makes claims of deliveries that are being published: all that they need was read or written by the publish. */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { FreshDelivery } from '../fresh-deliveries.ts';
import type { Claim } from './claim.ts';
import type { Secrets } from './sealed/secrets.ts';
import type { Signer } from './sign.ts';

export type FreshClaims = {
  /**
   * Makes the claim; its target was read at `readAt`. Undefined when a secret of the target cannot be opened: a claim of
   * the queue finds that too, and tells of it. Undefined, too, when the target has headers that this process has not read
   * yet: that claim reads them. The same holds for its client certificate.
   */
  make(delivery: FreshDelivery, readAt: Date): Claim | undefined;
  /** Makes the signatures that the events of the claims will need if they are sent within this second. */
  signAhead(claims: readonly Claim[], bodyOf: (eventId: string) => string): void;
};

type Options = {
  readonly secrets: Pick<Secrets, 'open' | 'knownBelongings'>;
  readonly signer: Signer;
  readonly clock: Clock;
};

/** Targets that are handed over have no limits of their own, and are not deferred. */
const NO_LIMITS = { maxConcurrency: null, rateLimitPerSecond: null };
/** The most events that are signed ahead: a millisecond. With more, this process is busy anyway. */
const MOST_AHEAD = 16;

export function createFreshClaims({ secrets, signer, clock }: Options): FreshClaims {
  return {
    make({ id: deliveryId, jobId, maxAttempts, priority: _, address, ...delivery }, readAt) {
      const { organizationId, targetId } = delivery;
      const open = (text: string) => {
        const [id, sealed] = text.split(' ') as [string, string];
        return secrets.open({ id, targetId, organizationId, sealed });
      };
      const belongings = secrets.knownBelongings({ targetId, ...address });
      if (belongings === undefined) return undefined;
      let opened: KeyObject[];
      try {
        opened = address.sealedSecrets.map(open);
      } catch {
        return undefined;
      }
      return {
        ...delivery,
        job: { id: jobId, deliveryId, retryCount: 0 },
        deliveryId,
        url: address.url,
        isFirst: true,
        limits: NO_LIMITS,
        secrets: opened,
        ...belongings,
        readAt,
        status: 'PENDING',
        number: 1,
        progress: { scheduleStep: 0, maxAttempts, trigger: 'SCHEDULE', resumeAt: null },
        isOrdered: false,
        exemption: null,
      };
    },
    signAhead(claims, bodyOf) {
      const eventIds = new Set(claims.map(({ eventId }) => eventId));
      for (const eventId of [...eventIds].slice(0, MOST_AHEAD)) signer.signAhead(eventId, bodyOf(eventId), clock.now());
    },
  };
}
