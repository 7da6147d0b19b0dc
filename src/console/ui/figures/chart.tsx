/**
 * A chart over time, with the values of the step under the pointer. What draws it is loaded with the first one; whoever cannot
 * see it reads the table below.
 */
import { useEffect, useRef, useState } from 'react';
import { hasValues, type ChartData } from './series.ts';

type Props = {
  readonly title: string;
  readonly data: ChartData;
  /** bars: the series stand on each other. */
  readonly kind: 'bars' | 'lines';
  readonly format: (value: number) => string;
};

const HEIGHT = 200;

export function Chart({ title, data, kind, format }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const content = JSON.stringify(data);
  const isEmpty = !hasValues(data);
  useEffect(() => {
    if (isEmpty) return;
    let isOver = false;
    let end: (() => void) | undefined;
    void import('./draw.ts').then(({ draw }) => {
      if (isOver || !place.current) return;
      end = draw(place.current, JSON.parse(content) as ChartData, { kind, format, height: HEIGHT });
    });
    return () => {
      isOver = true;
      end?.();
    };
  }, [content, kind, theme]);
  return (
    <figure className="chart">
      <figcaption>
        <strong>{title}</strong>
      </figcaption>
      {isEmpty ? (
        <p className="plot no-data">No data</p>
      ) : (
        <>
          <div ref={place} className="plot" aria-hidden="true" />
          <ul className="legend" aria-hidden="true">
            {data.series.map(({ name, colour }) => (
              <li key={name}>
                <span data-colour={colour} /> {name}
              </li>
            ))}
          </ul>
          <FigureTable title={title} data={data} format={format} />
        </>
      )}
    </figure>
  );
}

const STEP = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

/** The same figures to read. Steps in which nothing happened are left out. */
function FigureTable({ title, data: { times, series }, format }: Omit<Props, 'kind'>) {
  const rows = times.flatMap((time, nth) => (series.some(({ values }) => values[nth]) ? [{ time, nth }] : []));
  return (
    <details className="figures">
      <summary>As a table</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label={`${title}, as a table`}>
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" className="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ time, nth }) => (
              <tr key={time}>
                <th scope="row">{STEP.format(time * 1_000)}</th>
                {series.map(({ name, values }) => (
                  <td key={name} className="number">
                    {values[nth] == null ? '–' : format(values[nth])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Another value whenever the colours change: a canvas does not follow the style sheet. */
function useTheme(): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const note = (): void => setTurn((before) => before + 1);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const chosen = new MutationObserver(note);
    dark.addEventListener('change', note);
    chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => {
      dark.removeEventListener('change', note);
      chosen.disconnect();
    };
  }, []);
  return turn;
}
