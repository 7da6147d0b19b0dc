/** How the attempts of each hour went: a bar for each hour that had some, its lower part the share that succeeded. */
import { formatShare, plural } from '../ui/figures/format.ts';

type Point = { readonly at: string; readonly attempts: number; readonly delivered: number };

const [WIDTH, HEIGHT] = [5, 22];

export function Sparkline({ points }: { readonly points: readonly Point[] }) {
  const shown = points.slice(-24);
  const [attempts, delivered] = [sum(shown, 'attempts'), sum(shown, 'delivered')];
  const words = `${formatShare(delivered, attempts)} of ${plural(attempts, 'attempt')} in 24 hours succeeded`;
  return (
    <svg className="sparkline" role="img" aria-label={words} viewBox={`0 0 ${24 * WIDTH} ${HEIGHT}`}>
      <title>{words}</title>
      {shown.map((point, nth) => (
        <Bar key={point.at} point={point} x={nth * WIDTH} />
      ))}
    </svg>
  );
}

function Bar({ point: { attempts, delivered }, x }: { readonly point: Point; readonly x: number }) {
  if (attempts === 0) return <rect className="none" x={x} y={HEIGHT - 1} width={WIDTH - 1} height={1} />;
  const good = Math.round((HEIGHT * delivered) / attempts);
  return (
    <>
      <rect className="bad" x={x} y={0} width={WIDTH - 1} height={HEIGHT - good} />
      <rect className="good" x={x} y={HEIGHT - good} width={WIDTH - 1} height={good} />
    </>
  );
}

const sum = (points: readonly Point[], name: 'attempts' | 'delivered'): number =>
  points.reduce((before, point) => before + point[name], 0);
