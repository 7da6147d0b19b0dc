/**
 * Refuses documents that are too large (document-size.ts) before they are validated, and operations that cost too much
 * (cost-limit.ts) before they are executed. The size does not depend on variables, so the result of validation may be cached by
 * document. The cost does, so it is judged for each execution.
 */
import {
  type ExecutionArgs,
  GraphQLError,
  Lexer,
  NoFragmentCyclesRule,
  parse,
  Source,
  TokenKind,
  validate,
} from 'graphql';
import { RequestError } from '../../errors.ts';
import { requireAffordable } from './cost-limit.ts';
import { countRootFields, DOCUMENT_LIMITS, measureDocument } from './document-size.ts';
import { STRANGER_DOCUMENT, STRANGER_ROOT_FIELDS } from '../intake/strangers.ts';
import { graphqlError } from './mask-errors.ts';
import type { OperationContext, ServerPlugin } from '../request-record.ts';

/** An operation that costs more, a tenth of the limit, reads apart from others: its statements would keep theirs waiting. */
const SHARED_READS_COST = 5_000;

const NAMES = {
  characters: 'characters',
  tokens: 'tokens',
  brackets: 'brackets inside brackets',
  depth: 'levels',
  rootFields: 'root fields',
  fields: 'fields',
  aliases: 'aliases',
  directives: 'directives',
  spreads: 'fragment spreads',
};

const tooComplex = (limit: keyof typeof DOCUMENT_LIMITS, most = DOCUMENT_LIMITS[limit]): GraphQLError =>
  graphqlError(
    new RequestError(
      'QUERY_TOO_COMPLEX',
      `A document may have at most ${most} ${NAMES[limit]}; this one has more. Ask for less at once` +
        (most < DOCUMENT_LIMITS[limit] ? ', or send an API key.' : '.'),
    ),
  );

/**
 * Runs `read`. Each level of a document or its variables takes some of the stack. An overflow within all limits is the client's
 * doing, and no fault of the service.
 */
function orTooComplex<Read>(read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'This operation is too deep, or spreads out too far, to be read. Ask for less at once.';
    throw graphqlError(new RequestError('QUERY_TOO_COMPLEX', message));
  }
}

/** `hideSuggestions` takes "Did you mean …" out of errors, because it tells names of the schema. The rest of the error stays. */
export function useLimits({ hideSuggestions }: { readonly hideSuggestions: boolean }): ServerPlugin {
  const admit = (args: ExecutionArgs & { readonly contextValue: OperationContext }): void => {
    if (orTooComplex(() => requireAffordable(args)) > SHARED_READS_COST) args.contextValue.reads?.readAlone();
    const isStranger = args.contextValue.record.caller === null;
    if (isStranger && countRootFields(args.document) > STRANGER_ROOT_FIELDS) {
      throw tooComplex('rootFields', STRANGER_ROOT_FIELDS);
    }
    Object.assign(args, { hideSuggestions });
  };
  return {
    onParse({ context, params: { source }, setParseFn }) {
      requireShort(source, context.record.caller === null ? STRANGER_DOCUMENT : DOCUMENT_LIMITS.characters);
      setParseFn((text, options) => orTooComplex(() => parseWithinLimit(text, options)));
    },
    onValidate: ({ setValidationFn }) =>
      setValidationFn(((schema, document, rules) => {
        try {
          return orTooComplex(() => {
            const { exceeded, hasCycle } = measureDocument(document);
            if (exceeded) return [tooComplex(exceeded)];
            // The other rules follow every way through the fragments, and a cycle has too many.
            const applied = hasCycle ? [NoFragmentCyclesRule] : rules;
            return validate(schema, document, applied, { maxErrors: 20, hideSuggestions });
          });
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          throw error;
        }
      }) satisfies typeof validate),
    onExecute: ({ args }) => admit(args),
    onSubscribe: ({ args }) => admit(args),
  };
}

/** Checked before the cache of documents, which does not know the caller. */
function requireShort(source: string | Source, most: number): void {
  if ((typeof source === 'string' ? source : source.body).length > most) throw tooComplex('characters', most);
}

const parseWithinLimit: typeof parse = (source, options) => {
  if (exceedsBrackets(source)) throw tooComplex('brackets');
  try {
    return parse(source, { ...options, maxTokens: DOCUMENT_LIMITS.tokens });
  } catch (error) {
    const aborted = error instanceof GraphQLError && /more than \d+ tokens/.test(error.message);
    throw aborted ? tooComplex('tokens') : error;
  }
};

const OPENS: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSES: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/** Whether brackets are nested too deep. What reads a document calls itself for each bracket: too many overflow the stack. */
function exceedsBrackets(source: string | Source): boolean {
  const lexer = new Lexer(typeof source === 'string' ? new Source(source) : source);
  let open = 0;
  try {
    for (let count = 0; count < DOCUMENT_LIMITS.tokens; count++) {
      const { kind } = lexer.advance();
      if (OPENS.has(kind) && ++open > DOCUMENT_LIMITS.brackets) return true;
      if (CLOSES.has(kind)) open--;
      if (kind === TokenKind.EOF) return false;
    }
  } catch {
    // Not a token: the parser says so, and where.
  }
  return false;
}
