/** The values of the step of a chart that the pointer is on, in a box at the other side of the chart. */
import type { ChartData } from './series.ts';

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' });

export function showValues(place: HTMLElement, { times, series }: ChartData, format: (value: number) => string) {
  const box = place.appendChild(document.createElement('div'));
  box.className = 'chart-values';
  box.hidden = true;
  return {
    /** `nth`: of the step; null: the pointer is elsewhere. */
    show(nth: number | null, isPointerLeft: boolean): void {
      const time = nth === null ? undefined : times[nth];
      box.hidden = time === undefined;
      if (time === undefined) return;
      box.dataset['side'] = isPointerLeft ? 'right' : 'left';
      box.replaceChildren(
        lineOf(MOMENT.format(time * 1_000)),
        ...series.map(({ name, colour, values }) => {
          const value = values[nth!];
          return lineOf(` ${name}: ${value == null ? '–' : format(value)}`, colour);
        }),
      );
    },
    end: () => box.remove(),
  };
}

function lineOf(text: string, colour?: string): HTMLElement {
  const line = document.createElement('div');
  if (colour !== undefined) line.appendChild(document.createElement('span')).dataset['colour'] = colour;
  line.append(text);
  return line;
}
