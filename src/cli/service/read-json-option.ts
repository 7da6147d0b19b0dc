import { readFileSync } from 'node:fs';

/** The value of an option: JSON, or `@` and the file that has it. */
export function readJsonOption(text: string): unknown {
  const json = text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Error(`expected JSON, or @ and a file with JSON: ${(error as Error).message}`, { cause: error });
  }
}
