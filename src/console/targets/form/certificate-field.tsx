/** The certificate that the service shows to a receiver that asks for one (mutual TLS), and when it ends. */
import { errorsAt, type UserErrors } from '../../api/user-errors.ts';
import { Errors, Field } from '../../ui/forms/field.tsx';
import { Text } from '../../ui/text/text.tsx';
import type { CertificateDraft, EditedTarget } from './draft.ts';
import { Expiry } from './expiry.tsx';

type Props = {
  readonly present: EditedTarget['clientCertificate'];
  readonly draft: CertificateDraft;
  readonly errors: UserErrors;
  readonly onChange: (draft: CertificateDraft) => void;
};

const EMPTY = { kind: 'new', certificatePem: '', privateKeyPem: '' } as const;

export function CertificateField({ present, draft, errors, onChange }: Props) {
  const whole = errors.filter(({ field }) => field?.[1] === 'clientCertificate' && field.length === 2);
  return (
    <>
      <p className="hint">For a receiver that asks for one (mutual TLS). The private key is never shown again.</p>
      {present && draft.kind !== 'new' && (
        <p>
          <Text value={present.subject} /> <Expiry at={present.notAfter} />
          {draft.kind === 'none' && <strong> It is taken away when you save.</strong>}
        </p>
      )}
      {draft.kind === 'new' && (
        <>
          <Pem
            label="Certificate and its chain (PEM)"
            value={draft.certificatePem}
            errors={errorsAt(errors, 'clientCertificate', 'certificatePem')}
            onChange={(certificatePem) => onChange({ ...draft, certificatePem })}
          />
          <Pem
            label="Private key (PEM, unencrypted)"
            value={draft.privateKeyPem}
            errors={errorsAt(errors, 'clientCertificate', 'privateKeyPem')}
            onChange={(privateKeyPem) => onChange({ ...draft, privateKeyPem })}
          />
        </>
      )}
      <Errors messages={whole.map(({ message }) => message)} />
      <div className="actions">
        {draft.kind === 'kept' ? (
          <button type="button" onClick={() => onChange(EMPTY)}>
            {present ? 'Replace it' : 'Add a certificate'}
          </button>
        ) : (
          <button type="button" onClick={() => onChange({ kind: 'kept' })}>
            {present ? 'Keep the present one' : 'No certificate'}
          </button>
        )}
        {present && draft.kind === 'kept' && (
          <button type="button" onClick={() => onChange({ kind: 'none' })}>
            Take it away
          </button>
        )}
      </div>
    </>
  );
}

type PemProps = {
  readonly label: string;
  readonly value: string;
  readonly errors: readonly string[];
  readonly onChange: (value: string) => void;
};

const Pem = ({ label, value, errors, onChange }: PemProps) => (
  <Field label={label} errors={errors}>
    {(input) => (
      <textarea
        {...input}
        rows={4}
        spellCheck={false}
        autoComplete="off"
        placeholder="-----BEGIN …"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    )}
  </Field>
);
