/**
 * Makes the text of a document. Typed documents come in two kinds from GraphQL Code Generator: as text (`documentMode: 'string'`)
 * and as a tree. The printer of graphql-js would double the size of this package, so the trees are printed here.
 */

/** A document that carries the types of its result and variables: TypedDocumentNode or TypedDocumentString. */
export type TypedDocument<Data, Variables> = (DocumentTree | { toString(): string }) & {
  __apiType?: ((variables: Variables) => Data) | undefined;
};

type DocumentTree = { readonly kind: 'Document'; readonly definitions: readonly unknown[] };

/** What `watch` and the others take as a document; a plain text has no types of its own. */
export type AnyDocument<Data, Variables> = string | TypedDocument<Data, Variables>;

export const textOf = (document: AnyDocument<never, never>): string =>
  (document as Partial<DocumentTree>).kind === 'Document' ? print(document) : String(document);

/** A node of graphql-js. Which members it has depends on its kind. */
type Node = any; // eslint-disable-line @typescript-eslint/no-explicit-any -- the types of graphql-js are not ours to install

const join = (nodes: readonly Node[] | undefined, start = '', end = ''): string =>
  nodes?.length ? start + nodes.map(print).join(' ') + end : '';

function print(node: Node): string {
  if (!node) return '';
  const { kind, value, name, alias, type } = node;
  const after = (prefix: string, part: Node): string => (part ? prefix + print(part) : '');
  const rest = (): string => `${join(node.directives, ' ')}${print(node.selectionSet)}`;
  switch (kind) {
    case 'Document':
      return join(node.definitions);
    case 'OperationDefinition':
      return `${node.operation}${after(' ', name)}${join(node.variableDefinitions, '(', ')')}${rest()}`;
    case 'FragmentDefinition':
      return `fragment ${print(name)} on ${print(node.typeCondition)}${rest()}`;
    case 'VariableDefinition':
      return `${print(node.variable)}:${print(type)}${after('=', node.defaultValue)}${rest()}`;
    case 'SelectionSet':
      return join(node.selections, '{', '}');
    case 'Field':
      return `${alias ? `${print(alias)}:` : ''}${print(name)}${join(node.arguments, '(', ')')}${rest()}`;
    case 'FragmentSpread':
      return `...${print(name)}${rest()}`;
    case 'InlineFragment':
      return `...${after('on ', node.typeCondition)}${rest()}`;
    case 'Directive':
      return `@${print(name)}${join(node.arguments, '(', ')')}`;
    case 'Argument':
    case 'ObjectField':
      return `${print(name)}:${print(value)}`;
    case 'Variable':
      return `$${print(name)}`;
    case 'NamedType':
      return print(name);
    case 'ListType':
      return `[${print(type)}]`;
    case 'NonNullType':
      return `${print(type)}!`;
    case 'StringValue':
      return JSON.stringify(value);
    case 'ListValue':
      return `[${join(node.values)}]`;
    case 'ObjectValue':
      return `{${join(node.fields)}}`;
    case 'NullValue':
      return 'null';
    default: // Name, IntValue, FloatValue, BooleanValue, EnumValue
      return String(value);
  }
}
