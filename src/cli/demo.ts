import { loadConfig } from '../config.ts';
import { readArguments, type Command } from './command.ts';

export const demoCommand: Command = {
  summary: 'run the service with a local receiver and show deliveries live',
  help: `Usage: hookcast demo [--once] [--port N]

Starts the service on a database of its own, which is removed when the demo ends, and a local receiver. It publishes
two events and shows their deliveries as they happen. Writes text for people.

Options:
  --once      prove it and exit: 0 when both deliveries arrived verified, otherwise 1
  --port N    where GraphiQL listens; default 4000

Example:
  hookcast demo --once`,
  async run(args) {
    const options = { once: { type: 'boolean', default: false }, port: { type: 'string', default: '4000' } } as const;
    const { values } = readArguments(args, { options });
    const { runDemo } = await import('../demo.ts');
    await runDemo({ once: values.once, port: loadConfig({ PORT: values.port }).port });
  },
};
