/**
 * A cache of the bodies of recent events. Twenty deliveries of one event read its body once; in the process that
 * published it, never, unless so much was published with it or since.
 */

export type Bodies = {
  get(eventId: string): string | undefined;
  set(eventId: string, body: string): void;
};

const MAX_CHARACTERS = 4 * 1024 * 1024;

export function createBodies(maxCharacters = MAX_CHARACTERS): Bodies {
  const bodies = new Map<string, string>();
  // One iterator is kept, because a new one would step over the holes of all bodies that were removed. It never ends,
  // because the newest body always has room.
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
