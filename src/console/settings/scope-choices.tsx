/** Which scopes to give: each with what it allows, and only those that the viewer has. */
import { grants, type ApiScope } from '../../domain/api-keys/scope.ts';
import { scopesOf, useViewer } from '../api/viewer.tsx';
import { Errors } from '../ui/forms/field.tsx';
import { SCOPE_WORDS } from './scope-words.ts';

type Props = {
  readonly offered: readonly ApiScope[];
  readonly chosen: readonly ApiScope[];
  readonly onChange: (chosen: ApiScope[]) => void;
  readonly errors: readonly string[];
};

export function ScopeChoices({ offered, chosen, onChange, errors }: Props) {
  const own = scopesOf(useViewer());
  const toggle = (scope: ApiScope): void =>
    onChange(offered.filter((one) => (one === scope ? !chosen.includes(one) : chosen.includes(one))));
  return (
    <fieldset className="part">
      <legend>What it may do</legend>
      <div className="scope-choices">
        {offered
          .filter((scope) => grants(own, scope))
          .map((scope) => (
            <label key={scope}>
              <input type="checkbox" checked={chosen.includes(scope)} onChange={() => toggle(scope)} />
              <code>{scope}</code>
              <small>{SCOPE_WORDS[scope]}</small>
            </label>
          ))}
      </div>
      <Errors messages={errors} />
    </fieldset>
  );
}

export const Scopes = ({ scopes }: { readonly scopes: readonly ApiScope[] }) => (
  <span className="scopes">
    {scopes.map((scope) => (
      <code key={scope} title={SCOPE_WORDS[scope]}>
        {scope}
      </code>
    ))}
  </span>
);
