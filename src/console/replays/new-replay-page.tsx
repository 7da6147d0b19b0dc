/** Chooses what to send again, counts it, and begins. Nothing is sent before it was counted. */
import { useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useChange } from '../api/use-change.ts';
import { errorsElsewhere, type UserErrors } from '../api/user-errors.ts';
import { Back } from '../ui/tables/facts.tsx';
import { explainError } from '../ui/failure.tsx';
import { Errors } from '../ui/forms/field.tsx';
import { useFocusInvalid } from '../ui/forms/use-focus-invalid.ts';
import { Counted, type Preview } from './counted.tsx';
import { PREVIEW_REPLAY, START_REPLAY } from './documents.ts';
import { ScopeFields } from './scope-fields.tsx';
import { problemsOfScope, readScope, scopeOf, type ScopeDraft } from './scope.ts';
import './replays.css';

export function NewReplayPage() {
  const [params] = useSearchParams();
  const [, go] = useLocation();
  const [count, start] = [useChange(PREVIEW_REPLAY), useChange(START_REPLAY)];
  const [draft, setDraft] = useState<ScopeDraft>(() => readScope(params, new Date()));
  const [counted, setCounted] = useState<{ readonly draft: ScopeDraft; readonly preview: Preview } | null>(null);
  const [problems, setProblems] = useState<Readonly<Record<string, string>>>({});
  const form = useFocusInvalid(problems, count.userErrors, start.userErrors);
  /** Null: nothing was counted, or another scope than this one. */
  const preview = counted?.draft === draft ? counted.preview : null;

  async function countNow(): Promise<void> {
    const found = problemsOfScope(draft);
    setProblems(found);
    start.reset();
    if (Object.keys(found).length > 0) return;
    const answer = await count.send({ scope: scopeOf(draft) });
    if (answer) setCounted({ draft, preview: answer });
  }

  async function begin(expectedCount: number): Promise<void> {
    const input = { scope: scopeOf(draft), expectedCount, ratePerSecond: Number(draft.ratePerSecond) };
    const payload = await start.send({ input });
    if (payload?.replay) go(`/replays/${payload.replay.id}`);
  }

  const userErrors = withoutScope([...count.userErrors, ...start.userErrors]);
  const failures = [count.failure, start.failure].filter((error) => error !== undefined);
  return (
    <>
      <Back to="/replays" name="Replays" />
      <div className="page-head">
        <h1>New replay</h1>
      </div>
      <form
        ref={form}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void countNow();
        }}
      >
        <ScopeFields
          draft={draft}
          problems={problems}
          errors={userErrors}
          onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
        />
        <Errors messages={[...errorsElsewhere(userErrors, SHOWN), ...failures.map(explainError)]} />
        <div className="actions">
          <button type="submit" disabled={count.isBusy} className={preview ? '' : 'primary'}>
            {count.isBusy ? 'Counting…' : preview ? 'Count again' : 'Count what it would send'}
          </button>
        </div>
        <div role="status">
          {preview && <Counted preview={preview} isBusy={start.isBusy} onBegin={(found) => void begin(found)} />}
        </div>
      </form>
    </>
  );
}

/** Fields that show their own errors. */
const SHOWN = ['targetId', 'createdAt', 'eventType', 'customerId', 'ratePerSecond'];

/** The paths of a preview begin with `scope`, those of a replay with `input` and `scope`. */
const withoutScope = (errors: UserErrors): UserErrors =>
  errors.map(({ field, message }) => ({
    message,
    field: field?.[0] === 'input' && field[1] === 'scope' ? field.slice(1) : (field ?? null),
  }));
