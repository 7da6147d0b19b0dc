import type { ReplayRowFragment } from '../generated/graphql.ts';
import { goesOn, progressOf, STATUS_WORDS } from './progress.ts';

/** The status of a replay, by word and shape; the colour only repeats them. */
export const ReplayStatus = ({ status }: Pick<ReplayRowFragment, 'status'>) => (
  <span className="status" data-status={status}>
    <span aria-hidden="true">{STATUS_WORDS[status][0]}</span> {STATUS_WORDS[status][1]}
  </span>
);

/** Without a value where nobody can know how far it is. A replay that is over shows its status alone. */
export function ReplayProgress({ replay }: { readonly replay: ReplayRowFragment }) {
  if (!goesOn(replay)) return null;
  const value = progressOf(replay);
  return <progress aria-label="Progress" max={1} {...(value !== null && { value })} />;
}
