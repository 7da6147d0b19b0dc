/** The log of a part that is tested by itself: the lines as they would be on standard output. */
import { EventEmitter, once } from 'node:events';
import { pino } from 'pino';
import type { Log } from '../../src/log-event.ts';

export type LogLine = { readonly msg: string; readonly level: number; readonly [fact: string]: unknown };

export function createLog() {
  const lines: LogLine[] = [];
  const written = new EventEmitter();
  const write = (text: string) => {
    lines.push(JSON.parse(text));
    written.emit('line');
  };
  /** The first line with this name and these facts, which may have been written already. */
  const nextLine = async (msg: string, facts: Partial<LogLine> = {}): Promise<LogLine> => {
    const wanted = Object.entries({ msg, ...facts });
    for (;;) {
      const line = lines.find((candidate) => wanted.every(([name, value]) => candidate[name] === value));
      if (line) return line;
      await once(written, 'line');
    }
  };
  const logger: Log = pino({ level: 'debug' }, { write });
  return { logger, lines, nextLine };
}
