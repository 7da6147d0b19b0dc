/**
 * How large a document may be, and what its operation may cost. The size is counted before validation, whose cost grows
 * with the square of what is counted here, and with every fragment spread out, as execution would. Variables play no part
 * in it, so the result may be cached by document; they do in the cost, which is judged for each execution.
 */
import { type DocumentNode, type ExecutionArgs, type FragmentDefinitionNode, GraphQLError, parse } from 'graphql';
import { Lexer, type OperationDefinitionNode, type SelectionNode, type SelectionSetNode, Source } from 'graphql';
import { TokenKind, validate } from 'graphql';
import { RequestError } from '../errors.ts';
import { requireAffordable } from './cost-limit.ts';
import { graphqlError } from './mask-errors.ts';
import type { OperationContext, ServerPlugin } from './request-record.ts';

/** GraphiQL's introspection query is 15 deep and has about 300 fields. */
export const LIMITS = {
  tokens: 10_000,
  brackets: 200,
  depth: 20,
  rootFields: 50,
  fields: 1_000,
  aliases: 100,
  directives: 50,
};

/** An operation that costs more reads apart from others: its statements would keep theirs waiting. A tenth of what is possible. */
const SHARED_READS_COST = 5_000;

const NAMES = {
  tokens: 'tokens',
  brackets: 'brackets one inside the other',
  depth: 'levels',
  rootFields: 'root fields',
  fields: 'fields',
  aliases: 'aliases',
  directives: 'directives',
};

const tooComplex = (limit: keyof typeof LIMITS): GraphQLError =>
  graphqlError(
    new RequestError(
      'QUERY_TOO_COMPLEX',
      `A document may have at most ${LIMITS[limit]} ${NAMES[limit]}; this one has more. Ask for less at once.`,
    ),
  );

/** `hideSuggestions` keeps "Did you mean …" from spelling out a schema; the message otherwise stays as it is. */
export function useLimits({ hideSuggestions }: { readonly hideSuggestions: boolean }): ServerPlugin {
  const admit = (args: ExecutionArgs & { readonly contextValue: OperationContext }): void => {
    if (requireAffordable(args) > SHARED_READS_COST) args.contextValue.reads?.readAlone();
    Object.assign(args, { hideSuggestions });
  };
  return {
    onParse: ({ setParseFn }) => setParseFn(parseWithinLimit),
    onValidate: ({ setValidationFn }) =>
      setValidationFn(((schema, document, rules) => {
        const limit = exceededLimit(document);
        return limit ? [tooComplex(limit)] : validate(schema, document, rules, { maxErrors: 20, hideSuggestions });
      }) satisfies typeof validate),
    onExecute: ({ args }) => admit(args),
    onSubscribe: ({ args }) => admit(args),
  };
}

const parseWithinLimit: typeof parse = (source, options) => {
  if (exceedsBrackets(source)) throw tooComplex('brackets');
  try {
    return parse(source, { ...options, maxTokens: LIMITS.tokens });
  } catch (error) {
    const aborted = error instanceof GraphQLError && /more than \d+ tokens/.test(error.message);
    throw aborted ? tooComplex('tokens') : error;
  }
};

const OPENS: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSES: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** The parser, and whoever reads a value or a selection, calls itself for each bracket: too many overflow the stack. */
function exceedsBrackets(source: string | Source): boolean {
  const lexer = new Lexer(typeof source === 'string' ? new Source(source) : source);
  let open = 0;
  try {
    for (let count = 0; count < LIMITS.tokens; count++) {
      const { kind } = lexer.advance();
      if (OPENS.has(kind) && ++open > LIMITS.brackets) return true;
      if (CLOSES.has(kind)) open--;
      if (kind === TokenKind.EOF) return false;
    }
  } catch {
    // No token: the parser says so, and where.
  }
  return false;
}

/** The first limit that an operation of the document exceeds. */
export function exceededLimit(document: DocumentNode): Exclude<keyof typeof LIMITS, 'tokens' | 'brackets'> | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
    if (definition.kind === 'OperationDefinition') operations.push(definition);
  }
  const measure = createMeasure(fragments);
  for (const { selectionSet, directives = [] } of operations) {
    const size = measure(selectionSet);
    if (size.depth > LIMITS.depth) return 'depth';
    if (size.width > LIMITS.rootFields) return 'rootFields';
    if (size.fields > LIMITS.fields) return 'fields';
    if (size.aliases > LIMITS.aliases) return 'aliases';
    if (size.directives + directives.length > LIMITS.directives) return 'directives';
  }
  return null;
}

/** `width` counts the fields of the outermost level. */
type Size = { depth: number; width: number; fields: number; aliases: number; directives: number };

const NOTHING: Readonly<Size> = { depth: 0, width: 0, fields: 0, aliases: 0, directives: 0 };

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const measured = new Map<string, Readonly<Size>>();

  function ofFragment(name: string): Readonly<Size> {
    const known = measured.get(name);
    if (known) return known;
    measured.set(name, NOTHING); // A cycle counts once; validation refuses it.
    const size = measure(fragments.get(name)?.selectionSet);
    measured.set(name, size);
    return size;
  }

  function ofSelection(selection: SelectionNode): Readonly<Size> {
    const inner =
      selection.kind === 'FragmentSpread' ? ofFragment(selection.name.value) : measure(selection.selectionSet);
    const directives = inner.directives + (selection.directives?.length ?? 0);
    if (selection.kind !== 'Field') return { ...inner, directives };
    const aliases = inner.aliases + (selection.alias ? 1 : 0);
    return { depth: inner.depth + 1, width: 1, fields: inner.fields + 1, aliases, directives };
  }

  function measure(selectionSet: SelectionSetNode | undefined): Readonly<Size> {
    if (!selectionSet) return NOTHING;
    const total: Size = { ...NOTHING };
    for (const selection of selectionSet.selections) {
      const size = ofSelection(selection);
      total.depth = Math.max(total.depth, size.depth);
      total.width += size.width;
      total.fields += size.fields;
      total.aliases += size.aliases;
      total.directives += size.directives;
    }
    return total;
  }

  return measure;
}
