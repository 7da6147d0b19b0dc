/** The fields of what to replay. */
import { useId } from 'react';
import { errorsAt, type UserErrors } from '../api/user-errors.ts';
import type { ReplayMode } from '../generated/graphql.ts';
import { Errors, Field } from '../ui/forms/field.tsx';
import { TargetOptions, useTargetChoices } from '../ui/targets/target-choices.tsx';
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

function TargetField(props: Props) {
  const { targetId } = props.draft;
  const choices = useTargetChoices();
  const change = ({ target: { value } }: { readonly target: { readonly value: string } }): void =>
    props.onChange({ targetId: value.trim() });
  if (!choices) {
    return (
      <Field
        label="Target id"
        hint="The page of a target has its id, and leads here with it. Empty: every target."
        errors={messagesOf(props, 'targetId')}
      >
        {(input) => <input {...input} spellCheck={false} autoComplete="off" value={targetId} onChange={change} />}
      </Field>
    );
  }
  return (
    <Field label="Target" errors={messagesOf(props, 'targetId')}>
      {(input) => (
        <select {...input} value={targetId} onChange={change}>
          <option value="">Every target</option>
          <TargetOptions choices={choices} value={targetId} />
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
