/** Asks the product's own evaluator: does this body, as JSON text, satisfy this filter? */
import { readBodyValues } from '../../../src/domain/filter/body-values.ts';
import { checkFilter, type PayloadFilterInput } from '../../../src/domain/filter/check-filter.ts';
import { compileFilter, satisfies } from '../../../src/domain/filter/compile-filter.ts';

export async function ask(input: PayloadFilterInput, body: string): Promise<boolean> {
  const checked = checkFilter(input, ['filter']);
  if (!checked.ok) throw new Error(JSON.stringify(checked.userErrors));
  return satisfies(compileFilter(checked.value.filter), await readBodyValues(body));
}
