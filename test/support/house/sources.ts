/** The TypeScript files below a folder, and which of the others each of them imports. */
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';

export type Import = { readonly path: string; readonly isType: boolean };

/** `path` is relative to the folder, as are the paths of imports; an import from beside the folder begins with `../`. */
export type Source = { readonly path: string; readonly text: string; readonly imports: readonly Import[] };

/** Not what is generated, and not what is built. */
const isSource = (path: string): boolean => /(?<!\.d)\.tsx?$/.test(path) && !/\/(generated|dist)\//.test(path);

export async function readSources(folder: string): Promise<Source[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isSource(join(entry.parentPath, entry.name)));
  const sources = await Promise.all(
    files.map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const text = await readFile(file, 'utf8');
      const path = relative(folder, file);
      return { path, text, imports: importsOf(path, text) };
    }),
  );
  return sources.toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

/**
 * What a file imports by a relative path: with names, for its effects alone (`import './x.ts'`), by `import()`, and as the
 * file of a thread (`new URL('./x.ts', import.meta.url)`).
 */
export function importsOf(path: string, text: string): Import[] {
  const statements = text.matchAll(
    /^\s*(?:import|export)\s+(type\s)?[^;'"]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)|^\s*import\s+'(\.[^']+)'|\bnew URL\('(\.[^']+\.ts)'/gm,
  );
  return [...statements].map(([, isType, ...specifiers]) => {
    const specifier = specifiers.find((one) => one !== undefined)!;
    return { path: normalize(join(dirname(path), specifier)), isType: isType !== undefined };
  });
}

/** Groups of files that import each other in a circle, types included. Each group is sorted. */
export function circlesOf(sources: readonly Source[]): string[][] {
  const importsByPath = new Map(sources.map(({ path, imports }) => [path, imports.map((one) => one.path)]));
  return connected(importsByPath);
}

/** Groups of more than one node whose arrows lead from each of them to each other one (Tarjan's algorithm). */
export function connected(arrows: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const groups: string[][] = [];
  const visit = (node: string): void => {
    index.set(node, index.size);
    lowest.set(node, index.get(node)!);
    stack.push(node);
    for (const next of arrows.get(node) ?? []) {
      if (!arrows.has(next)) continue;
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) !== index.get(node)) return;
    const group = stack.splice(stack.indexOf(node));
    if (group.length > 1) groups.push(group.toSorted());
  };
  for (const node of arrows.keys()) if (!index.has(node)) visit(node);
  return groups;
}
