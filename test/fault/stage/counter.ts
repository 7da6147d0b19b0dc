/** A number that others wait for. */
import { EventEmitter, once } from 'node:events';

export type Counter = {
  value(): number;
  add(amount: number): void;
  reached(value: number): Promise<void>;
};

export function createCounter(): Counter {
  const events = new EventEmitter().setMaxListeners(0);
  let value = 0;
  return {
    value: () => value,
    add(amount) {
      value += amount;
      events.emit('change');
    },
    async reached(wanted) {
      while (value < wanted) await once(events, 'change');
    },
  };
}
