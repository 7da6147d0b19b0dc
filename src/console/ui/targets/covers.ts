/** Whether an entry of a subscription, a name or a pattern such as `wallet.*`, takes what another entry takes. */
export const covers = (entry: string, other: string): boolean =>
  entry === other || (entry.endsWith('.*') && other.startsWith(entry.slice(0, -1)));
