import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { unpackChromium } from './browser.ts';
import { createFolder } from '../processes/reaper.ts';
import { runProcess } from '../processes/start.ts';

const versionOf = async (path: string) => (await runProcess(path, ['--version', '--no-sandbox'])).stdout;

test(
  'half a browser that an interrupted run has left does not matter, and two tests at once share a whole one',
  { timeout: 60_000 },
  async () => {
    await using folder = await createFolder('hookcast-unpack-');
    const [temporary, cache] = [join(folder.path, 'tmp'), join(folder.path, 'cache')];
    for (const place of [temporary, join(cache, 'chromium-unfinished-1')]) {
      await mkdir(place, { recursive: true });
      await writeFile(join(place, 'chromium'), '\x7fELF', { mode: 0o700 }); // It ends with SIGSEGV, or does not even start.
    }
    vi.stubEnv('TMPDIR', temporary);
    const [one, other] = await Promise.all([unpackChromium(cache), unpackChromium(cache)]);
    expect(other).toBe(one);
    expect(await versionOf(one)).toMatch(/^\S+ \d+\.\d+/);
    expect(await unpackChromium(cache)).toBe(one);
    expect((await readdir(cache)).filter((name) => name.includes('unfinished'))).toEqual(['chromium-unfinished-1']);
    expect(basename(one)).toBe('chromium');
  },
);
