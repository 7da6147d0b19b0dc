/** Which events a target gets: all of them, or types and patterns chosen from the catalog. */
import { useId, useState } from 'react';
import { useQuery } from '../../api/use-query.ts';
import { graphql } from '../../generated/gql.ts';
import { covers } from '../../ui/targets/covers.ts';
import { Errors } from '../../ui/forms/field.tsx';
import { Failure } from '../../ui/failure.tsx';
import { plural } from '../../ui/figures/format.ts';
import { Skeleton } from '../../ui/skeleton.tsx';
import { countTaken, findTypes, treeOf, type SubscriptionDraft, type TypeRow } from './event-tree.ts';
import { CategoryChoice } from './tree.tsx';

const TYPES = graphql(`
  query SubscribableTypes {
    eventTypes {
      name
      displayName
      description
      category
      archivedAt
    }
  }
`);

const NOTHING = {};

type Props = {
  readonly draft: SubscriptionDraft;
  readonly errors: readonly string[];
  readonly onChange: (change: Partial<SubscriptionDraft>) => void;
};

export function Subscription({ draft, errors, onChange }: Props) {
  const { data, error, reload } = useQuery(TYPES, NOTHING);
  const name = useId();
  const radio = (value: SubscriptionDraft['events'], label: string) => (
    <label className="choice">
      <input type="radio" name={name} checked={draft.events === value} onChange={() => onChange({ events: value })} />{' '}
      {label}
    </label>
  );
  return (
    <fieldset className="part">
      <legend>Events</legend>
      {radio('every', 'Every event type, also those that are created later')}
      {radio('chosen', 'Chosen event types')}
      {radio('global', 'Every event type, for every customer, also where customers are named below (global)')}
      {draft.events === 'chosen' &&
        (data ? (
          <Tree types={data.eventTypes} chosen={draft.eventTypes} onChange={(eventTypes) => onChange({ eventTypes })} />
        ) : error ? (
          <Failure what="The event types" error={error} onRetry={reload} />
        ) : (
          <Skeleton rows={4} />
        ))}
      <Errors messages={errors} />
    </fieldset>
  );
}

type TreeProps = {
  readonly types: readonly TypeRow[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
};

function Tree({ types, chosen, onChange }: TreeProps) {
  const [text, setText] = useState('');
  const [begun] = useState(chosen); // A category does not close by what is chosen in it.
  const found = findTypes(types, text);
  return (
    <div className="tree">
      <div className="tree-head">
        <input
          type="search"
          aria-label="Find event types"
          placeholder="Find event types"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <span role="status" className="hint">
          {countTaken(chosen, types)} of {plural(types.length, 'type')}
        </span>
      </div>
      {treeOf(found, types).map((category) => (
        <CategoryChoice
          key={category.name}
          category={category}
          isOpen={text !== '' || category.names.some((name) => begun.some((entry) => covers(entry, name)))}
          chosen={chosen}
          onChange={onChange}
        />
      ))}
      {found.length === 0 && <p className="hint">No event type is like that.</p>}
    </div>
  );
}
