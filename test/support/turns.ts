/** Counts turns of the event loop: code that holds the loop lets no turn pass. */
export function countTurns(): { stop(): number } {
  let count = 0;
  let next = setTimeout(turn, 1);
  function turn() {
    count++;
    next = setTimeout(turn, 1);
  }
  return {
    stop() {
      clearTimeout(next);
      return count;
    },
  };
}
