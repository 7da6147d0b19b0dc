/** Bodies of recent events, so that twenty deliveries of one event read its body once, or not at all where it was published. */

export type Bodies = {
  get(eventId: string): string | undefined;
  set(eventId: string, body: string): void;
};

const MAX_CHARACTERS = 16 * 1024 * 1024;

export function createBodies(maxCharacters = MAX_CHARACTERS): Bodies {
  const bodies = new Map<string, string>();
  // One iterator for good: a new one would look through the holes of all that were removed before it. It never ends,
  // because the newest body has room on its own.
  const oldest = bodies.entries();
  let characters = 0;
  return {
    get: (eventId) => bodies.get(eventId),
    set(eventId, body) {
      if (body.length > maxCharacters || bodies.has(eventId)) return;
      bodies.set(eventId, body);
      characters += body.length;
      // Oldest first: an event's deliveries are sent soon after it was published, or much later.
      while (characters > maxCharacters) {
        const [id, text] = oldest.next().value!;
        bodies.delete(id);
        characters -= text.length;
      }
    },
  };
}
