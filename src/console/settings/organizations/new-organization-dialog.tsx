/** Makes an organization for a customer. */
import { useChange } from '../../api/use-change.ts';
import { errorsAt, errorsElsewhere } from '../../api/user-errors.ts';
import { Dialog } from '../../ui/forms/dialog.tsx';
import { explainError } from '../../ui/failure.tsx';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { Form } from '../../ui/forms/form.tsx';
import { CREATE_ORGANIZATION } from './documents.ts';

type Props = { readonly onClose: () => void; readonly onMade: () => void };

export function NewOrganizationDialog({ onClose, onMade }: Props) {
  const { send, isBusy, userErrors, failure } = useChange(CREATE_ORGANIZATION);
  const create = async (form: FormData): Promise<void> => {
    const externalId = String(form.get('externalId')).trim();
    const input = { name: String(form.get('name')), ...(externalId !== '' && { externalId }) };
    if (!(await send({ input }))) return;
    onMade();
    onClose();
  };
  return (
    <Dialog title="New organization" onClose={onClose}>
      <Form onSubmit={(form) => void create(form)} className="form">
        <Field label="Name" errors={errorsAt(userErrors, 'name')}>
          {(input) => <input {...input} name="name" required maxLength={128} autoFocus />}
        </Field>
        <Field
          label="Your own id of it"
          hint="The API takes it wherever an id of an organization stands. It may be left empty."
          errors={errorsAt(userErrors, 'externalId')}
        >
          {(input) => <input {...input} name="externalId" spellCheck={false} />}
        </Field>
        <Errors messages={errorsElsewhere(userErrors, ['name', 'externalId'])} />
        {failure !== undefined && <p role="alert">{explainError(failure)}</p>}
        <div className="actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="primary" disabled={isBusy}>
            {isBusy ? 'Creating…' : 'Create the organization'}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
