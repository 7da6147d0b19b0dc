/** The targets to choose one from. */
import { useQuery } from '../../api/use-query.ts';
import { useMay } from '../../api/viewer.tsx';
import { graphql } from '../../generated/gql.ts';
import { visibleLine } from '../visible.ts';
import { hostOf } from './target-title.tsx';

const TARGET_CHOICES = graphql(`
  query TargetChoices {
    webhookTargets(first: 100) {
      nodes {
        id
        name
        url
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

const NOTHING = {};

type Choice = { readonly id: string; readonly name: string | null; readonly url: string };

/**
 * Every target of the organization; none, as long as they are being read. Null, where that cannot be had: the viewer may not
 * read them, there are more than 100, or the service did not answer. Then its id is asked for.
 */
export function useTargetChoices(): readonly Choice[] | null {
  const mayRead = useMay('TARGETS_READ');
  const { data, error } = useQuery(TARGET_CHOICES, mayRead ? NOTHING : null);
  if (!mayRead || error !== undefined || data?.webhookTargets.pageInfo.hasNextPage) return null;
  return data?.webhookTargets.nodes ?? [];
}

type Props = {
  readonly choices: readonly Choice[];
  /** The id that is chosen. It is offered too, when it is of no target that there is. */
  readonly value: string;
};

export const TargetOptions = ({ choices, value }: Props) => (
  <>
    {value !== '' && !choices.some(({ id }) => id === value) && <option value={value}>{visibleLine(value)}</option>}
    {choices.map(({ id, name, url }) => (
      <option key={id} value={id}>
        {visibleLine(name === null ? hostOf(url) : `${name} (${hostOf(url)})`)}
      </option>
    ))}
  </>
);
