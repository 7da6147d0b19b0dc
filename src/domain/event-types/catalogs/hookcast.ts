/** Hookcast: what the service does itself, and whoever runs it wants to know. Only targets that name a type receive it. */
import type { CatalogEntry } from './entry.ts';

const organizationId = '31TgvufZK3gDXBcA3BnSeLWiSn7';
const name = 'Orders';
const urlHost = 'hooks.example.com';
const target = { id: '1NFHrqBHb3cTfLVkFSGmHZqdDPi', organizationId, name, urlHost };
const lastOutcome = { outcome: 'HTTP_ERROR', responseStatus: 503 };
const failingSince = '2026-11-28T09:14:02.118Z';

export const hookcast: readonly CatalogEntry[] = [
  {
    name: 'target.failing',
    category: 'hookcast',
    displayName: 'Webhook target failing',
    description: 'Half of the failed attempts in a row that may disable a target have failed.',
    example: { ...target, status: 'ACTIVE', failureCount: 10, failingSince, lastOutcome },
  },
  {
    name: 'target.recovered',
    category: 'hookcast',
    displayName: 'Webhook target recovered',
    description: 'A target about which target.failing was sent has received an event again.',
    example: { ...target, status: 'ACTIVE', failingSince, lastOutcome: { outcome: 'DELIVERED', responseStatus: 204 } },
  },
  {
    name: 'target.disabled',
    category: 'hookcast',
    displayName: 'Webhook target disabled',
    description: 'The service disabled a target: it failed for long, or answered 410 Gone.',
    example: {
      ...target,
      status: 'DISABLED',
      reason:
        'The target answered 410 Gone, which asks for no more requests. Once the target receives again, set its …',
      failureCount: 1,
      failingSince,
      lastOutcome: { outcome: 'HTTP_ERROR', responseStatus: 410 },
    },
  },
  {
    name: 'target.certificate_expiring',
    category: 'hookcast',
    displayName: 'Client certificate expiring',
    description: 'The client certificate of a target ends within 30 days, and once more within 7 days.',
    example: {
      ...target,
      status: 'ACTIVE',
      clientCertificate: {
        subject: 'CN=hooks, O=Acme',
        fingerprintSha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        notAfter: '2026-12-28T23:59:59.000Z',
      },
      days: 30,
    },
  },
  {
    name: 'delivery.exhausted',
    category: 'hookcast',
    displayName: 'Delivery exhausted',
    description: 'Deliveries to a target have FAILED. At most one event an hour for each target.',
    example: {
      organizationId,
      targetId: target.id,
      targetName: name,
      urlHost,
      deliveryId: '31Th0Mw0Px3ZaBd6FgHi9JkL2mN',
      eventId: '31Th1Ny2Rz5BcDf8HiJk1LmN4oP',
      eventType: 'transaction.auto.updated',
      count: 3,
      lastOutcome,
    },
  },
  {
    name: 'replay.completed',
    category: 'hookcast',
    displayName: 'Replay completed',
    description: 'A replay has looked at its whole range. Its last deliveries may still be waiting for their requests.',
    example: {
      id: '31Th3Qa4Tz7DeFh0JkLm3Pn6RqT',
      organizationId,
      targetId: target.id,
      mode: 'MISSED',
      from: '2026-11-28T12:00:00.000Z',
      until: '2026-11-28T15:30:00.000Z',
      createdAt: '2026-11-28T15:41:09.302Z',
      replayedCount: 1_204,
      skippedCount: 3,
    },
  },
];
