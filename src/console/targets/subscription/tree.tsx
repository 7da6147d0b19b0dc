/** The tree of event types as checkboxes: Tab moves through them, Space chooses. */
import { useEffect, useRef, type ReactNode } from 'react';
import { plural } from '../../ui/figures/format.ts';
import { Text } from '../../ui/text/text.tsx';
import { choiceOf, toggle, toggleAll, type Branch, type Category, type Choice } from './event-tree.ts';

type Chosen = { readonly chosen: readonly string[]; readonly onChange: (chosen: readonly string[]) => void };

type CategoryProps = Chosen & { readonly category: Category; readonly isOpen: boolean };

export function CategoryChoice({ category: { name, names, branches }, isOpen, chosen, onChange }: CategoryProps) {
  const taken = names.filter((one) => choiceOf(chosen, one) !== 'none').length;
  const choice: Choice = taken === names.length ? 'chosen' : taken > 0 ? 'partly' : 'none';
  return (
    <details open={isOpen}>
      <summary>
        <Text value={name} />{' '}
        <span className="soft">
          {taken} of {names.length}
        </span>
      </summary>
      <Box choice={choice} onToggle={() => onChange(toggleAll(chosen, names))}>
        All of these, as they are today
      </Box>
      <Branches branches={branches} chosen={chosen} onChange={onChange} />
    </details>
  );
}

const Branches = ({ branches, chosen, onChange }: Chosen & { readonly branches: readonly Branch[] }) => (
  <ul>
    {branches.map((branch) =>
      branch.kind === 'type' ? (
        <li key={branch.type.name}>
          <Box
            choice={choiceOf(chosen, branch.type.name)}
            isClosed={branch.type.archivedAt != null}
            onToggle={() => onChange(toggle(chosen, branch.type.name))}
          >
            <code>{branch.type.name}</code>{' '}
            <small>
              <Text value={branch.type.description || branch.type.displayName} />
            </small>
          </Box>
        </li>
      ) : (
        <li key={branch.pattern}>
          <Box
            choice={choiceOf(chosen, branch.pattern, branch.names)}
            onToggle={() => onChange(toggle(chosen, branch.pattern))}
          >
            <code>{branch.pattern}</code>{' '}
            <small>{plural(branch.names.length, 'type')}, and those that are created later</small>
          </Box>
          <Branches branches={branch.branches} chosen={chosen} onChange={onChange} />
        </li>
      ),
    )}
  </ul>
);

type BoxProps = {
  readonly choice: Choice;
  /** An archived type may stay chosen, but cannot be added. */
  readonly isClosed?: boolean;
  readonly onToggle: () => void;
  readonly children: ReactNode;
};

function Box({ choice, isClosed = false, onToggle, children }: BoxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current!.indeterminate = choice === 'partly';
  });
  return (
    <label className="choice">
      <input
        ref={input}
        type="checkbox"
        checked={choice === 'chosen' || choice === 'covered'}
        disabled={choice === 'covered' || (isClosed && choice === 'none')}
        onChange={onToggle}
      />
      <span>
        {children}
        {isClosed && <small>Archived: nothing of it is published any more</small>}
      </span>
    </label>
  );
}
