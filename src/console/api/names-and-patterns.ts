/** `wallet.policy.updated` stands below `wallet.*` and `wallet.policy.*`. */
export function namesAndPatterns(names: readonly string[]): readonly string[] {
  const patterns = names.flatMap((name) => {
    const words = name.split('.');
    return words.slice(1).map((_, nth) => `${words.slice(0, nth + 1).join('.')}.*`);
  });
  return [...new Set([...patterns, ...names])].sort();
}
