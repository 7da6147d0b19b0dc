import { useEventTypeNames } from '../api/event-type-names.ts';
import type { DeliveryStatus } from '../generated/graphql.ts';
import { FilterBox } from '../ui/filter/filter-box.tsx';
import { checkId, ChoiceFilter, TextFilter, TimeFilter } from '../ui/filter/filter-fields.tsx';
import { useNarrow } from '../ui/live/use-narrow.ts';
import { Status } from '../ui/status.tsx';
import { STATUSES, writeFilter, type DeliveryListFilter } from './filter.ts';
import { TargetOptions, useTargetChoices } from '../ui/targets/target-choices.tsx';

type StatusProps = {
  readonly filter: DeliveryListFilter;
  readonly onChange: (change: Partial<DeliveryListFilter>) => void;
};

type Props = StatusProps & { readonly onClear: () => void };

/** The search finds an event by its id; the field for one is there only where the address of the page has one. */
export function FilterBar({ filter, onChange, onClear }: Props) {
  const eventTypes = useEventTypeNames();
  const isNarrow = useNarrow();
  return (
    <FilterBox label="Which deliveries" count={writeFilter(filter).size} onClear={onClear}>
      {isNarrow && <StatusFilter filter={filter} onChange={onChange} />}
      <TargetFilter value={filter.targetId} onSet={(targetId) => onChange({ targetId })} />
      <TextFilter
        name="Event type"
        example="wallet.*"
        offers={eventTypes}
        value={filter.eventType}
        onSet={(eventType) => onChange({ eventType })}
      />
      <TextFilter name="Tag" value={filter.tag} onSet={(tag) => onChange({ tag })} />
      {filter.eventId !== '' && (
        <TextFilter name="Event id" value={filter.eventId} check={checkId} onSet={(eventId) => onChange({ eventId })} />
      )}
      <TimeFilter value={filter.time} onSet={(time) => onChange({ time })} />
    </FilterBox>
  );
}

/** On a wide screen it stands beside the search, above the other filters. */
export const WideStatusFilter = (props: StatusProps) => !useNarrow() && <StatusFilter {...props} />;

function StatusFilter({ filter, onChange }: StatusProps) {
  const toggle = (status: DeliveryStatus): void => {
    const chosen = new Set(filter.status);
    if (!chosen.delete(status)) chosen.add(status);
    onChange({ status: STATUSES.filter((one) => chosen.has(one)) });
  };
  return (
    <div role="group" aria-label="Status" className="choices">
      {STATUSES.map((status) => (
        <button key={status} type="button" aria-pressed={filter.status.includes(status)} onClick={() => toggle(status)}>
          <Status status={status} />
        </button>
      ))}
    </div>
  );
}

type TargetProps = { readonly value: string; readonly onSet: (targetId: string) => void };

/** A choice of names where all targets can be had; else the id. */
function TargetFilter({ value, onSet }: TargetProps) {
  const choices = useTargetChoices();
  if (!choices) return <TextFilter name="Target id" value={value} check={checkId} onSet={onSet} />;
  return (
    <ChoiceFilter name="Target" value={value} onSet={onSet}>
      <option value="">All targets</option>
      <TargetOptions choices={choices} value={value} />
    </ChoiceFilter>
  );
}
