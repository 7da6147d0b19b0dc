/**
 * The condition of streams on the tags of a change's event. A change does not carry them: pages from the table ask the row of the
 * event, and changes in memory are asked about in selection/selected-stream.ts.
 */

/** `value` is the placeholder of a list of tags: any of them is enough. */
export const tagCondition = (value: string): string =>
  `(select e.tags && ${value}::text[] from events e where e.id = c.event_id)`;
