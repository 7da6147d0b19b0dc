/** Regular expressions as trees: the part of ECMA-262's syntax (with the flag u) whose cost can be foretold. */
import {
  complement,
  DIGITS,
  EVERYTHING,
  LINE_ENDS,
  SPACES,
  union,
  WORD_CHARACTERS,
  type CodePoints,
} from './code-points.ts';

export type PatternNode =
  /** One character of a set. The set may be larger than the pattern's own, never smaller. */
  | { readonly kind: 'character'; readonly set: CodePoints }
  /** Consumes nothing. */
  | { readonly kind: 'assertion'; readonly isStart: boolean }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly body: PatternNode; readonly least: number; readonly most: number };

/** Thrown for lookaround, backreferences and all that this parser does not know. */
class Unforeseen extends Error {}

/** The tree of a valid pattern; undefined when its cost cannot be foretold. */
export function parsePattern(pattern: string): PatternNode | undefined {
  try {
    const reader = new PatternReader([...pattern]);
    const node = reader.readChoice();
    return reader.isAtEnd ? node : undefined;
  } catch (error) {
    if (error instanceof Unforeseen || error instanceof RangeError) return undefined;
    throw error;
  }
}

const SETS: Readonly<Record<string, CodePoints>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD_CHARACTERS,
  W: complement(WORD_CHARACTERS),
  s: SPACES,
  S: complement(SPACES),
};
const CONTROLS: Readonly<Record<string, string>> = { t: '\t', n: '\n', v: '\v', f: '\f', r: '\r' };
const one = (character: string): CodePoints => {
  const code = character.codePointAt(0)!;
  return [[code, code]];
};

class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length;
  }

  readChoice(): PatternNode {
    const options = [this.#readSequence()];
    while (this.#take('|')) options.push(this.#readSequence());
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #readSequence(): PatternNode {
    const items: PatternNode[] = [];
    while (!this.isAtEnd && !'|)'.includes(this.#next)) items.push(this.#readQuantified(this.#readTerm()));
    return items.length === 1 ? items[0]! : { kind: 'sequence', items };
  }

  #readTerm(): PatternNode {
    const character = this.#read();
    if (character === '^' || character === '$') return { kind: 'assertion', isStart: character === '^' };
    if (character === '(') return this.#readGroup();
    if (character === '[') return { kind: 'character', set: this.#readClass() };
    if (character === '.') return { kind: 'character', set: complement(LINE_ENDS) };
    if (character !== '\\') return { kind: 'character', set: one(character) };
    if (this.#take('b') || this.#take('B')) return { kind: 'assertion', isStart: false };
    return { kind: 'character', set: this.#readEscape() };
  }

  #readGroup(): PatternNode {
    if (this.#take('?') && !this.#take(':')) {
      if (!this.#take('<') || '=!'.includes(this.#next)) throw new Unforeseen();
      while (this.#read() !== '>');
    }
    const body = this.readChoice();
    if (!this.#take(')')) throw new Unforeseen();
    return body;
  }

  #readQuantified(body: PatternNode): PatternNode {
    const [least, most] = this.#readCounts();
    if (most < 0) return body;
    this.#take('?'); // A lazy quantifier tries the same choices in another order.
    return { kind: 'repeat', body, least, most };
  }

  #readCounts(): [least: number, most: number] {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    if (!this.#take('{')) return [0, -1];
    let text = '';
    for (let next = this.#read(); next !== '}'; next = this.#read()) text += next;
    const [, least, comma, most] = /^(\d+)(,?)(\d*)$/.exec(text) ?? [];
    if (least === undefined) throw new Unforeseen();
    if (most) return [Number(least), Number(most)];
    return [Number(least), comma ? Infinity : Number(least)];
  }

  #readClass(): CodePoints {
    const isNegated = this.#take('^');
    let set: CodePoints = [];
    while (!this.#take(']')) {
      const from = this.#readClassAtom();
      // A hyphen at the end, or beside a set such as \d, stands for itself: with the flag u the latter is no pattern.
      if (this.#next !== '-' || this.#characters[this.#at + 1] === ']') {
        set = union(set, from);
        continue;
      }
      this.#at++;
      const to = this.#readClassAtom();
      if (from.length !== 1 || to.length !== 1) throw new Unforeseen();
      set = union(set, [[from[0]![0], to[0]![1]]]);
    }
    if (!isNegated) return set;
    // It is not known here what \p{…} stands for, so the complement is not known either.
    return set === EVERYTHING ? EVERYTHING : complement(set);
  }

  #readClassAtom(): CodePoints {
    const character = this.#read();
    if (character !== '\\') return one(character);
    return this.#take('b') ? one('\b') : this.#readEscape();
  }

  #readEscape(): CodePoints {
    const character = this.#read();
    const set = SETS[character];
    if (set) return set;
    const control = CONTROLS[character];
    if (control !== undefined) return one(control);
    if (character === 'p' || character === 'P') {
      while (this.#read() !== '}');
      return EVERYTHING;
    }
    if (character === 'x') return this.#readHex(2);
    if (character === 'u' && this.#next !== '{') return this.#readHex(4);
    // Control letters, \0, \u{…}, backreferences: rare or expensive.
    if (/[\dA-Za-z]/.test(character)) throw new Unforeseen();
    return one(character);
  }

  #readHex(digits: number): CodePoints {
    let text = '';
    while (text.length < digits) text += this.#read();
    const code = Number.parseInt(text, 16);
    if (code >= 0xd800 && code <= 0xdfff) throw new Unforeseen(); // With the flag u, two of them are one character.
    return [[code, code]];
  }

  get #next(): string {
    return this.#characters[this.#at] ?? '';
  }

  #take(character: string): boolean {
    const isNext = this.#characters[this.#at] === character;
    if (isNext) this.#at++;
    return isNext;
  }

  #read(): string {
    const character = this.#characters[this.#at++];
    if (character === undefined) throw new Unforeseen();
    return character;
  }
}
