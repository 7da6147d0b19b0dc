/** Asks for the API key, and shows what is wrong with it before anything else is loaded. */
import { WatchError } from '@hookcast/client';
import { useId, useState, type ReactNode } from 'react';
import { ask, WHO } from '../api/service.ts';
import type { Session } from '../api/session.ts';
import { Form } from '../ui/forms/form.tsx';

type Props = {
  /**
   * An API key that the address has brought. It is only filled in:
   * whoever sent the address does not decide who signs in as what.
   */
  readonly offered?: string | null;
  readonly onSignIn: (session: Session) => void;
};

export const SignIn = (props: Props) => (
  <main className="sign-in">
    <SignInForm {...props}>
      <h1>Hookcast</h1>
    </SignInForm>
  </main>
);

export function SignInForm({ offered, onSignIn, children }: Props & { readonly children?: ReactNode }) {
  const [apiKey, setApiKey] = useState(offered ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [field, hint] = [useId(), useId()];

  async function signIn(): Promise<void> {
    const key = apiKey.trim();
    setAsking(true);
    setProblem(null);
    try {
      const { viewer } = await ask({ url: '/graphql', getApiKey: () => key }, WHO, {});
      onSignIn({ apiKey: key, home: viewer.organization.id });
    } catch (error) {
      setProblem(explain(error));
      setAsking(false);
    }
  }

  return (
    <Form onSubmit={() => void signIn()}>
      {children}
      <label htmlFor={field}>API key</label>
      <input
        id={field}
        type="password"
        autoComplete="off"
        autoFocus
        required
        spellCheck={false}
        value={apiKey}
        onChange={(event) => setApiKey(event.target.value)}
        aria-describedby={hint}
        aria-invalid={problem !== null}
      />
      <p id={hint} className="hint">
        It stays in this tab, until the tab is closed. <code>npm run demo</code> and the first start of the service
        print one.
      </p>
      {problem !== null && <p role="alert">{problem}</p>}
      <button type="submit" className="primary" disabled={isAsking || apiKey.trim() === ''}>
        {isAsking ? 'Signing in…' : 'Sign in'}
      </button>
    </Form>
  );
}

function explain(error: unknown): string {
  if (!(error instanceof WatchError)) return 'The service cannot be reached. Is it running? Try again in a moment.';
  if (error.code === 'UNAUTHENTICATED')
    return 'This API key is unknown, revoked or expired. Check it, or take another one.';
  return error.message;
}
