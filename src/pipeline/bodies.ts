/** Bodies of recent events, so that twenty deliveries of one event read its body once, or not at all where it was published. */

export type Bodies = {
  get(eventId: string): string | undefined;
  set(eventId: string, body: string): void;
};

const MAX_CHARACTERS = 16 * 1024 * 1024;

export function createBodies(maxCharacters = MAX_CHARACTERS): Bodies {
  const bodies = new Map<string, string>();
  let characters = 0;
  return {
    get: (eventId) => bodies.get(eventId),
    set(eventId, body) {
      if (bodies.has(eventId)) return;
      bodies.set(eventId, body);
      characters += body.length;
      // Oldest first: an event's deliveries are sent soon after it was published, or much later.
      for (const [oldest, text] of bodies) {
        if (characters <= maxCharacters) break;
        bodies.delete(oldest);
        characters -= text.length;
      }
    },
  };
}
