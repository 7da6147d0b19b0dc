/**
 * Keeps the bodies of open requests, and limits their bytes to IN_FLIGHT_BYTES. A body that many targets share is one
 * text and counts once. A waiting claim has no body in memory, except in the cache of recent bodies (bodies.ts).
 *
 *     one organization   has no more than what is free beside it: half while it is alone, a third when there are two, so
 *                        its large bodies never keep all others waiting
 *     small bodies       always have room: CONCURRENCY bounds them
 *     nothing is lent    any body has room, even a body larger than IN_FLIGHT_BYTES
 */
/** What a loan needs to know of a claim. */
type Facts = { readonly eventId: string; readonly organizationId: string; readonly bodyBytes: number };
type Body = string | Promise<string>;

export type Loans = {
  hasRoom(claim: Facts): boolean;
  /** Takes a loan: the request of the claim begins. */
  take(claim: Facts): void;
  /** Gives the loan back: the request is over. */
  give(claim: Facts): void;
  /** Returns the body, if it is lent and was read, or is being read. */
  get(eventId: string): Body | undefined;
  /** Keeps a body that was read, or is being read, for as long as it is lent. */
  keep(eventId: string, body: Body): void;
};

type Loan = { count: number; body: Body | undefined };

/** Bodies up to this size are small: 2,048 requests with them need 8 MiB. */
const SMALL_BYTES = 4_096;

export function createLoans(mostBytes: number): Loans {
  const loans = new Map<string, Loan>();
  const byOrganization = new Map<string, number>();
  let lentBytes = 0;

  function count({ organizationId, bodyBytes }: Facts, sign: 1 | -1): void {
    lentBytes += sign * bodyBytes;
    const bytes = (byOrganization.get(organizationId) ?? 0) + sign * bodyBytes;
    if (bytes === 0) byOrganization.delete(organizationId);
    else byOrganization.set(organizationId, bytes);
  }

  return {
    hasRoom({ eventId, organizationId, bodyBytes }) {
      if (bodyBytes <= SMALL_BYTES || lentBytes === 0 || loans.has(eventId)) return true;
      const own = byOrganization.get(organizationId) ?? 0;
      return own + bodyBytes <= mostBytes - lentBytes || (own === 0 && lentBytes + bodyBytes <= mostBytes);
    },
    take(claim) {
      const loan = loans.get(claim.eventId);
      if (loan) return void loan.count++;
      loans.set(claim.eventId, { count: 1, body: undefined });
      count(claim, 1);
    },
    give(claim) {
      const loan = loans.get(claim.eventId)!;
      if (--loan.count > 0) return;
      loans.delete(claim.eventId);
      count(claim, -1);
    },
    get: (eventId) => loans.get(eventId)?.body,
    keep(eventId, body) {
      const loan = loans.get(eventId);
      if (loan) loan.body = body;
    },
  };
}
