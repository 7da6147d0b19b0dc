/** `hookcast serve` before it serves: what it loads until it hears signals, and what a signal does while it loads the rest. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { launchService } from '../support/service.ts';

const SRC = new URL('../../src/', import.meta.url).href;

/** `hookcast serve`, which runs `act` with the path in src of each module before it is loaded. */
function serveWith(act: string): readonly string[] {
  const hook = `
    import { registerHooks } from 'node:module';
    import { writeSync } from 'node:fs';
    const act = (path) => { ${act} };
    registerHooks({ load(url, context, next) { act(url.replace('${SRC}', '')); return next(url, context); } });`;
  const words = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, new URL('cli.ts', SRC).pathname];
  return [process.execPath, ...words, 'serve'];
}

test('it hears signals before it loads more than the few small modules that lead to it', async () => {
  const service = await launchService({ PORT: 'many' }, serveWith('writeSync(2, `loads ${path}\\n`)'));
  await once(service.process, 'close');
  const loaded = [...service.output().matchAll(/^loads (.*)$/gm)].map(([, path]) => path!);
  // Two or three times, where the process can replace itself by one that needs less memory.
  const before = new Set(loaded.slice(0, loaded.indexOf('serve.ts')).filter((path) => !path.startsWith('node:')));
  expect([...before].sort()).toEqual([
    'app/explain-failure.ts',
    'app/memory.ts',
    'app/older-node.ts',
    'app/stop-request.ts',
    'cli.ts',
    'cli/command.ts',
    'cli/commands.ts',
    'cli/serve.ts',
    'clock.ts',
    'domain/api-keys/api-key.ts',
    'domain/setting.ts',
    'domain/targets/address.ts',
    'main.ts',
  ]);
});

test.each(['serve.ts', 'app.ts', 'database/client.ts', 'app/worker.ts'])(
  'a SIGTERM while it loads %s ends it in order, with exit 0',
  { timeout: 60_000 },
  async (module) => {
    const act = `if (path === '${module}') process.kill(process.pid, 'SIGTERM')`;
    const service = await launchService({}, serveWith(act));
    expect(await once(service.process, 'close')).toEqual([0, null]);
    expect(service.logs.map(({ msg }) => msg)).toContain('service.stopping');
    expect(service.logs.at(-1)).toMatchObject({ msg: 'service.stopped', signal: 'SIGTERM' });
  },
);
