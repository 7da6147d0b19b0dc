/** Bodies of recent events, so that twenty deliveries of one event read its body once, or not at all where it was published. */

export type Bodies = {
  get(eventId: string): string | undefined;
  set(eventId: string, body: string): void;
};

const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * In two generations: when the young one is half of the whole, the old one goes. An event's deliveries are sent soon after
 * it was published, or much later.
 */
export function createBodies(maxCharacters = MAX_CHARACTERS): Bodies {
  const mostYoung = maxCharacters / 2;
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  let characters = 0;
  return {
    get: (eventId) => young.get(eventId) ?? old.get(eventId),
    set(eventId, body) {
      if (body.length > mostYoung || young.has(eventId) || old.has(eventId)) return;
      if (characters + body.length > mostYoung) {
        [old, young] = [young, new Map()];
        characters = 0;
      }
      young.set(eventId, body);
      characters += body.length;
    },
  };
}
