/**
 * Measures how large a document is, with every fragment spread out, as execution would do it. It runs before validation, whose
 * cost grows with the square of these counts.
 */
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { SelectionNode, SelectionSetNode } from 'graphql';

/**
 * Limits of a document. GraphiQL's introspection query is 15 deep and has about 300 fields. The limit of characters leaves room
 * for the largest payload as an escaped text.
 */
export const DOCUMENT_LIMITS = {
  characters: 512 * 1024,
  tokens: 10_000,
  brackets: 200,
  depth: 20,
  rootFields: 50,
  fields: 1_000,
  aliases: 100,
  directives: 50,
  spreads: 200,
};

type Measured = Exclude<keyof typeof DOCUMENT_LIMITS, 'characters' | 'tokens' | 'brackets'>;

type DocumentSize = {
  /** The first limit that a part of the document exceeds. */
  readonly exceeded: Measured | null;
  /** Whether a fragment spreads itself, directly or through others. */
  readonly hasCycle: boolean;
};

/** Measures every operation and every fragment: validation also reads fragments that no operation spreads. */
export function measureDocument({ definitions }: DocumentNode): DocumentSize {
  const { fragments, parts } = partsOf(definitions);
  if (parts.reduce((sum, { selectionSet }) => sum + countSpreads(selectionSet), 0) > DOCUMENT_LIMITS.spreads) {
    return { exceeded: 'spreads', hasCycle: false };
  }
  const { measure, hasCycle } = createMeasure(fragments);
  const exceeded = parts.map((part) => exceededBy(part, measure(part.selectionSet))).find((limit) => limit !== null);
  return { exceeded: exceeded ?? null, hasCycle: hasCycle() };
}

/** The most fields that an operation of the document has on its outermost level, with every fragment spread out. */
export function countRootFields({ definitions }: DocumentNode): number {
  const { fragments, parts } = partsOf(definitions);
  const { measure } = createMeasure(fragments);
  return Math.max(0, ...parts.filter(isOperation).map(({ selectionSet }) => measure(selectionSet).width));
}

type Part = OperationDefinitionNode | FragmentDefinitionNode;

const isOperation = ({ kind }: Part): boolean => kind === 'OperationDefinition';

function partsOf(definitions: DocumentNode['definitions']) {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const parts: Part[] = [];
  for (const definition of definitions) {
    if (definition.kind === 'FragmentDefinition') fragments.set(definition.name.value, definition);
    if (definition.kind === 'FragmentDefinition' || definition.kind === 'OperationDefinition') parts.push(definition);
  }
  return { fragments, parts };
}

function exceededBy({ kind, directives = [] }: Part, size: Size): Measured | null {
  if (size.depth > DOCUMENT_LIMITS.depth) return 'depth';
  if (kind === 'OperationDefinition' && size.width > DOCUMENT_LIMITS.rootFields) return 'rootFields';
  if (size.fields > DOCUMENT_LIMITS.fields) return 'fields';
  if (size.aliases > DOCUMENT_LIMITS.aliases) return 'aliases';
  if (size.directives + directives.length > DOCUMENT_LIMITS.directives) return 'directives';
  return null;
}

/** Counts spreads as they are written, not spread out. */
const countSpreads = (selectionSet: SelectionSetNode | undefined): number =>
  (selectionSet?.selections ?? []).reduce(
    (sum, selection) => sum + (selection.kind === 'FragmentSpread' ? 1 : countSpreads(selection.selectionSet)),
    0,
  );

/** `width` counts the fields of the outermost level. */
type Size = { depth: number; width: number; fields: number; aliases: number; directives: number };

const NOTHING: Readonly<Size> = { depth: 0, width: 0, fields: 0, aliases: 0, directives: 0 };

function createMeasure(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const measured = new Map<string, Readonly<Size>>();
  const open = new Set<string>();
  let hasCycle = false;

  function ofFragment(name: string): Readonly<Size> {
    const known = measured.get(name);
    if (known) return known;
    if (open.has(name)) {
      hasCycle = true; // A cycle counts once; validation refuses it.
      return NOTHING;
    }
    open.add(name);
    const size = measure(fragments.get(name)?.selectionSet);
    open.delete(name);
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

  return { measure, hasCycle: () => hasCycle };
}
