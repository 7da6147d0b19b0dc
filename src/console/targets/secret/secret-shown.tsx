/** A secret, the only time that it is shown, and the code that verifies requests with it. */
import { useState, type ReactNode } from 'react';
import { CopyButton } from '../../ui/text/copy-button.tsx';
import { ShownOnce } from '../../ui/text/shown-once.tsx';
import { SAMPLES } from './verification-code.ts';

type Props = { readonly secret: string; readonly children: ReactNode };

export function SecretShown({ secret, children }: Props) {
  return (
    <ShownOnce what="the signing secret" text={secret} words="The receiver verifies each request with it.">
      <VerificationCode />
      <div className="actions">{children}</div>
    </ShownOnce>
  );
}

export function VerificationCode() {
  const [chosen, setChosen] = useState(SAMPLES[0]!);
  return (
    <div className="sample">
      <div className="choices" role="group" aria-label="Language">
        {SAMPLES.map((sample) => (
          <button
            key={sample.language}
            type="button"
            aria-pressed={sample === chosen}
            onClick={() => setChosen(sample)}
          >
            {sample.language}
          </button>
        ))}
        <CopyButton text={chosen.code} what={`the ${chosen.language} code`} />
      </div>
      <pre tabIndex={0} aria-label={`${chosen.language} code that verifies a request`}>
        <code>{chosen.code}</code>
      </pre>
    </div>
  );
}
