/**
 * A stored answer, and where it shows the data of events: so that an erasure can take these data out of it. The rest of the
 * answer stays as the client got it.
 */

/** A place of an answer that shows data of an event, and what stands there once the event is erased. */
export type HeldField = {
  readonly eventId: string;
  /** The path in `data`, with the names of the answer. */
  readonly path: readonly (string | number)[];
  readonly erased: unknown;
};

/** What an answer has of events. */
export type Held = {
  /** The events that the request published, and those whose data it shows. */
  readonly eventIds: Set<string>;
  readonly fields: HeldField[];
};

export const createHeld = (): Held => ({ eventIds: new Set(), fields: [] });

type Stored = { readonly data?: unknown; readonly held?: readonly HeldField[] };

/** The text of a stored answer without the data of these events. */
export function withoutEvents(stored: string, eventIds: ReadonlySet<string>): string {
  const answer = JSON.parse(stored) as Stored;
  const { held = [] } = answer;
  for (const { eventId, path, erased } of held) if (eventIds.has(eventId)) replaceAt(answer.data, path, erased);
  return JSON.stringify(answer);
}

/** Where an error has left nothing on the way, there is nothing to replace. */
function replaceAt(data: unknown, path: HeldField['path'], value: unknown): void {
  let parent = data as Record<string | number, unknown> | null | undefined;
  for (const name of path.slice(0, -1)) parent = parent?.[name] as typeof parent;
  const last = path.at(-1);
  if (parent && last !== undefined && last in parent) parent[last] = value;
}
