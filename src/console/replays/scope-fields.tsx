/** The fields of what to replay. */
import { useId } from 'react';
import { useQuery } from '../api/use-query.ts';
import { errorsAt, type UserErrors } from '../api/user-errors.ts';
import { useMay } from '../api/viewer.tsx';
import type { ReplayMode } from '../generated/graphql.ts';
import { Errors, Field } from '../ui/field.tsx';
import { hostOf } from '../ui/targets/target-title.tsx';
import { visibleLine } from '../ui/visible.ts';
import { REPLAY_TARGETS } from './documents.ts';
import { MODES } from './progress.ts';
import type { ScopeDraft } from './scope.ts';

type Props = {
  readonly draft: ScopeDraft;
  /** What was found before anything was asked, by the names of the fields. */
  readonly problems: Readonly<Record<string, string>>;
  readonly errors: UserErrors;
  readonly onChange: (change: Partial<ScopeDraft>) => void;
};

export const ScopeFields = (props: Props) => (
  <>
    <ModeField {...props} />
    <TargetField {...props} />
    <SpanField {...props} />
    <TextField
      {...props}
      name="eventTypes"
      field="eventType"
      label="Event types"
      hint="Names, and patterns such as wallet.*, with spaces between them. Empty: every type."
    />
    <TextField {...props} name="customerId" field="customerId" label="Customer" hint="Empty: about anybody." />
    <TextField
      {...props}
      name="ratePerSecond"
      field="ratePerSecond"
      label="At most in a second"
      hint="1 to 1,000. Fresh deliveries are sent first all the same."
    />
  </>
);

const messagesOf = ({ problems, errors }: Props, field: string): readonly string[] =>
  problems[field] === undefined ? errorsAt(errors, field) : [problems[field]];

function ModeField({ draft: { mode: chosen }, onChange }: Props) {
  const name = useId();
  return (
    <fieldset className="part">
      <legend>What to send again</legend>
      {Object.entries(MODES).map(([one, [words, meaning]]) => (
        <label key={one} className="choice">
          <input
            type="radio"
            name={name}
            checked={one === chosen}
            onChange={() => onChange({ mode: one as ReplayMode })}
          />
          <span>
            {words}
            <small>{meaning}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const NOTHING = {};

function TargetField(props: Props) {
  const { targetId } = props.draft;
  const targets = useQuery(REPLAY_TARGETS, useMay('TARGETS_READ') ? NOTHING : null);
  const known = targets.data?.webhookTargets.nodes ?? [];
  return (
    <Field label="Target" errors={messagesOf(props, 'targetId')}>
      {(input) => (
        <select {...input} value={targetId} onChange={(event) => props.onChange({ targetId: event.target.value })}>
          <option value="">Every target</option>
          {targetId !== '' && !known.some(({ id }) => id === targetId) && (
            <option value={targetId}>{visibleLine(targetId)}</option>
          )}
          {known.map(({ id, name, url }) => (
            <option key={id} value={id}>
              {name === null ? hostOf(url) : `${visibleLine(name)} (${hostOf(url)})`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

const SpanField = (props: Props) => (
  <>
    <div className="pair">
      {(['from', 'until'] as const).map((end) => (
        <Field key={end} label={end === 'from' ? 'Published from' : 'until, not including'}>
          {(input) => (
            <input
              {...input}
              type="datetime-local"
              value={props.draft[end]}
              onChange={(event) => props.onChange({ [end]: event.target.value })}
            />
          )}
        </Field>
      ))}
    </div>
    <Errors messages={messagesOf(props, 'createdAt')} />
  </>
);

type TextProps = Props & {
  readonly name: 'eventTypes' | 'customerId' | 'ratePerSecond';
  /** Its name in the input of the service. */
  readonly field: string;
  readonly label: string;
  readonly hint: string;
};

const TextField = ({ name, field, label, hint, ...props }: TextProps) => (
  <Field label={label} hint={hint} errors={messagesOf(props, field)}>
    {(input) => (
      <input
        {...input}
        {...(name === 'ratePerSecond' && { inputMode: 'numeric', className: 'short' })}
        spellCheck={false}
        value={props.draft[name]}
        onChange={(event) => props.onChange({ [name]: event.target.value })}
      />
    )}
  </Field>
);
