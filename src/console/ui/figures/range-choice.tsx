import { FIGURE_RANGES, type ChosenRange, type RangeName } from './figure-range.ts';

export const RangeChoice = ({ range: { name, choose } }: { readonly range: ChosenRange }) => (
  <div className="choices" role="group" aria-label="Span of time">
    {Object.entries(FIGURE_RANGES).map(([one, { words }]) => (
      <button key={one} type="button" aria-pressed={one === name} onClick={() => choose(one as RangeName)}>
        {words}
      </button>
    ))}
  </div>
);
