/** Explains to the person who runs the receiver why a status that is not 2xx is a failure. */
export function explainStatus(status: number): string {
  const answered = `The target answered ${status}`;
  if (REDIRECTS.has(status)) {
    return `${answered}; redirects are not followed, so give the target its final URL.`;
  }
  const meaning = MEANINGS.get(status);
  return `${answered}${meaning === undefined ? '' : ` ${meaning}`}; a 2xx status was expected.`;
}

/** The statuses that name another URL (RFC 9110, 15.4). */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The other 3xx name no URL that a target could be given. */
const MEANINGS = new Map([
  [300, 'Multiple Choices, which leaves the choice between several URLs to the sender, and the sender makes none'],
  [304, 'Not Modified, which fits no POST'],
  [305, 'Use Proxy, which is obsolete, and the sender takes no proxy of a target’s choice'],
  [306, '(Unused), which has no meaning any more'],
]);
