/** Figures in the language of the reader. */

const WHOLE = new Intl.NumberFormat();
const PARTS = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

export const formatCount = (count: number): string => WHOLE.format(count);

/** A share of the whole. What is not all is never shown as 100 %, and what is there never as 0 %. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = part / whole;
  if (part === 0 || part === whole) return PARTS.format(share);
  return PARTS.format(Math.min(0.999, Math.max(0.001, share)));
}

/** Whole milliseconds below a second, else seconds. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${WHOLE.format(milliseconds)} ms`;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(milliseconds / 1_000)} s`;
}
