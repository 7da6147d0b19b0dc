/** Figures in the language of the reader. */

const WHOLE = new Intl.NumberFormat();
const TENTHS = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const PARTS = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

export const formatCount = (count: number): string => WHOLE.format(count);

/** With what is counted: 1 attempt, 2,000 attempts. `many`: where it is not the word with an s. */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** A share of the whole. What is not all is never shown as 100 %, and what is there never as 0 %. */
export function formatShare(part: number, whole: number): string {
  if (whole === 0) return '–';
  const share = part / whole;
  if (part === 0 || part === whole) return PARTS.format(share);
  return PARTS.format(Math.min(0.999, Math.max(0.001, share)));
}

/** 87 ms, 4.2 s, 1 min 05 s. Rounded down, so that what ended before a limit does not seem to have reached it. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${WHOLE.format(Math.floor(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${TENTHS.format(Math.floor(milliseconds / 100) / 10)} s`;
  return formatSeconds(Math.floor(milliseconds / 1_000));
}

/** Of whole seconds: 42 s, 1 min 05 s, 2 h 5 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}
