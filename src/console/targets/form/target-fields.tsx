/** The fields of a target, in the order in which somebody fills them. */
import { useId, useState, type ReactNode } from 'react';
import { errorsAt, type UserErrors } from '../../api/user-errors.ts';
import { Field } from '../../ui/forms/field.tsx';
import { FilterEditor } from '../filter/filter-editor.tsx';
import { Subscription } from '../subscription/subscription.tsx';
import { CertificateField } from './certificate-field.tsx';
import type { EditedTarget, TargetDraft } from './draft.ts';
import { HeadersField } from './headers-field.tsx';
import { OrderField } from './order-field.tsx';

type Props = {
  readonly draft: TargetDraft;
  /** The target as it is saved; null: it is a new one. */
  readonly target: EditedTarget | null;
  readonly userErrors: UserErrors;
  /** What was found before anything was sent, by the names of the fields. */
  readonly problems: Readonly<Record<string, string>>;
  readonly onChange: (change: Partial<TargetDraft>) => void;
};

export const TargetFields = (props: Props) => {
  const { draft, target, userErrors, onChange } = props;
  return (
    <>
      <TextField {...props} name="url" label="URL" hint="Where requests are sent, by POST." />
      <TextField {...props} name="name" label="Name" hint="For people; optional." />
      <TextField {...props} name="description" label="Description" />
      <Subscription draft={draft} errors={messagesOf(props, 'eventTypes')} onChange={onChange} />
      <OrderField order={draft} saved={target} errors={userErrors} onChange={onChange} />
      {target ? <OtherFields {...props} /> : <Folded {...props} />}
    </>
  );
};

export const OTHERS = ['customerIds', 'filter', 'headers', 'maxConcurrency', 'rateLimitPerSecond', 'clientCertificate'];

/** What most new targets do without. An error in it opens it. */
function Folded(props: Props) {
  const [isOpen, setOpen] = useState(false);
  const isWrong = OTHERS.some((name) => messagesOf(props, name).length > 0);
  return (
    <details className="more" open={isOpen || isWrong} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>More: customers, filter, headers, limits, client certificate</summary>
      <OtherFields {...props} />
    </details>
  );
}

const OtherFields = (props: Props) => {
  const { draft, target, userErrors, problems, onChange } = props;
  return (
    <>
      <CustomersField {...props} />
      <Part title="Filter">
        <FilterEditor
          filter={draft.filter}
          eventTypes={draft.events === 'chosen' ? draft.eventTypes : []}
          errors={userErrors}
          problem={problems['filter']}
          onChange={(filter) => onChange({ filter })}
        />
      </Part>
      <Part title="Headers">
        <HeadersField headers={draft.headers} errors={userErrors} onChange={(headers) => onChange({ headers })} />
      </Part>
      <Part title="Limits">
        <TextField
          {...props}
          name="maxConcurrency"
          label="Open requests at once"
          hint="1 to 1,000. Empty: as many as the service opens to one target."
        />
        <TextField
          {...props}
          name="rateLimitPerSecond"
          label="Requests in a second"
          hint="1 to 10,000. Empty: no limit."
        />
      </Part>
      <Part title="Client certificate">
        <CertificateField
          present={target?.clientCertificate ?? null}
          draft={draft.certificate}
          errors={userErrors}
          onChange={(certificate) => onChange({ certificate })}
        />
      </Part>
    </>
  );
};

const messagesOf = ({ problems, userErrors }: Props, name: string): readonly string[] =>
  problems[name] === undefined ? errorsAt(userErrors, name) : [problems[name]];

type TextProps = Props & {
  readonly name: 'url' | 'name' | 'description' | 'maxConcurrency' | 'rateLimitPerSecond';
  readonly label: string;
  readonly hint?: string;
};

/** Other attributes of single fields. */
const ATTRIBUTES = {
  url: { type: 'url', placeholder: 'https://example.com/webhooks' },
  name: {},
  description: {},
  maxConcurrency: { inputMode: 'numeric', className: 'short' },
  rateLimitPerSecond: { inputMode: 'numeric', className: 'short' },
} as const;

const TextField = ({ name, label, hint, ...props }: TextProps) => (
  <Field label={label} {...(hint !== undefined && { hint })} errors={messagesOf(props, name)}>
    {(input) => (
      <input
        {...input}
        {...ATTRIBUTES[name]}
        autoComplete="off"
        spellCheck={false}
        value={props.draft[name]}
        onChange={(event) => props.onChange({ [name]: event.target.value })}
      />
    )}
  </Field>
);

const CustomersField = (props: Props) => (
  <Field
    label="Customers"
    hint="One id a line. Empty: events of every customer, and of none."
    errors={messagesOf(props, 'customerIds')}
  >
    {(input) => (
      <textarea
        {...input}
        rows={2}
        disabled={props.draft.events === 'global'}
        spellCheck={false}
        value={props.draft.customerIds}
        onChange={(event) => props.onChange({ customerIds: event.target.value })}
      />
    )}
  </Field>
);

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section className="part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
