/** Whether a stream is behind, as far as its changes tell. */

const LAG_MS = 2_000;
/** `occurredAt` is the time of the service, which a page compares with its own: their clocks may differ by seconds. */
const AGE_MS = 10_000;

/** What a change may tell of its age, when the document selects it. */
export type Aged = { readonly lagMs?: unknown; readonly occurredAt?: unknown };

/** True when the change arrived over 2 s after it happened by `lagMs`; else over 10 s by `occurredAt`; else unknown, so false. */
export function isLate({ lagMs, occurredAt }: Aged, now = Date.now()): boolean {
  if (typeof lagMs === 'number') return lagMs > LAG_MS;
  return typeof occurredAt === 'string' && now - Date.parse(occurredAt) > AGE_MS;
}
