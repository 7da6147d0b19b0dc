/**
 * The page of deliveries in a real browser, while its stream brings 1,000 changes a second: the frames that it draws beside
 * those of the same page when nothing happens. The service makes the changes once and is idle while frames are counted.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { explainMissingBrowser, openBrowser } from '../../../support/browser/browser.ts';
import { buildConsole } from '../../../support/run/build-console.ts';
import { deliver, setUp, TARGETS, warmUp } from '../../deliver.ts';
import { atLeast, notMeasured, type Line } from '../../line.ts';
import { startRecordedFeed } from '../../recorded-feed.ts';
import { API_KEY, type Service } from '../../service.ts';
import type { Stage } from '../../stage.ts';

const PER_SECOND = 1_000;
/** Changes of a delivery that succeeds at once: it was created, it was delivered. */
const CHANGES_EACH = 2;
const ROWS = 12;
const SHOWN = `{ deliveries(first: ${ROWS}) { nodes { id status } } }`;

/** What this line has shown on two cores, beside 59.9 frames a second of the idle page. */
const RECORDED = { name: 'recorded', value: 60, unit: 'frames/s' };

const line = 'page of deliveries, 1,000 changes/s';
const budget = 'at least 0.9 of the frames of the idle page';

export const pageFrames: Line = {
  name: line,
  budget,
  isLong: true,
  async run(stage, { isQuick, say }) {
    const missing = await explainMissingBrowser();
    if (missing) return [notMeasured({ line, budget, recorded: RECORDED, reason: missing })];
    await buildConsole();
    const service = await stage.startService();
    const scene = await setUp(stage, service, TARGETS);
    await warmUp(scene, 1); // They fill the list.
    await using feed = await startRecordedFeed(service.url);
    await using browser = await openBrowser();
    const page = await browser.newPage();
    await openPage(page, feed.origin);

    const seconds = isQuick ? 10 : 30;
    const changes = seconds * PER_SECOND;
    await deliver(scene, changes / CHANGES_EACH);
    await stage.until(`${changes} changes are recorded`, 60_000, async () => feed.waiting() >= changes);
    say(`${feed.waiting()} changes recorded`);

    const count = await startCounting(page);
    const idleBefore = await count(() => pause(seconds * 500));
    const busy = await count(() => feed.replay(changes, PER_SECOND));
    const idleAfter = await count(() => pause(seconds * 500));
    if (feed.streams() > 1) throw new Error(`The page has opened ${feed.streams()} streams: it was cut off`);
    feed.letThrough();
    await expectRows(stage, page, service);

    const idle = (idleBefore.frames + idleAfter.frames) / ((idleBefore.ms + idleAfter.ms) / 1_000);
    const measured = busy.frames / (busy.ms / 1_000);
    const note =
      `${Math.round(changes / (busy.ms / 1_000))} changes/s for ${(busy.ms / 1_000).toFixed(1)} s; ` +
      `${(busy.taskMs / busy.frames).toFixed(1)} ms of the main thread a frame, idle ` +
      `${(idleBefore.taskMs / idleBefore.frames).toFixed(1)} ms; longest frame ${Math.round(busy.longestMs)} ms, idle ` +
      `${Math.round(Math.max(idleBefore.longestMs, idleAfter.longestMs))} ms`;
    return [
      atLeast(0.9, {
        line,
        measured,
        unit: 'frames/s',
        reference: { name: 'the idle page', value: idle, unit: 'frames/s' },
        note,
      }),
    ];
  },
};

async function openPage(page: Page, origin: string): Promise<void> {
  await page.setViewportSize({ width: 1_280, height: 800 });
  await page.addInitScript((apiKey) => sessionStorage.setItem('hookcast.session', JSON.stringify({ apiKey })), API_KEY);
  await page.goto(`${origin}/`);
  await page.locator('.connection[data-state="live"]').waitFor();
  await page.getByRole('row').nth(ROWS).waitFor();
}

type Counted = {
  readonly frames: number;
  readonly ms: number;
  readonly longestMs: number;
  /** What the main thread of the page has worked. */
  readonly taskMs: number;
};

/** Counts what the page draws while some work is done. */
async function startCounting(page: Page): Promise<(work: () => Promise<unknown>) => Promise<Counted>> {
  const metrics = await page.context().newCDPSession(page);
  await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
  const taskMs = async (): Promise<number> => {
    const { metrics: all } = await metrics.send('Performance.getMetrics');
    return 1_000 * all.find(({ name }) => name === 'TaskDuration')!.value;
  };
  await page.evaluate(countFrames);
  type Counts = Pick<Counted, 'frames' | 'longestMs'> & { readonly at: number };
  const take = () => page.evaluate('window.takeFrames()') as Promise<Counts>;
  return async (work) => {
    const [before, { at: startedAt }] = [await taskMs(), await take()];
    await work();
    const { frames, longestMs, at } = await take();
    return { frames, longestMs, ms: at - startedAt, taskMs: (await taskMs()) - before };
  };
}

/** In the page. `takeFrames` gives the frames since it was called before. */
function countFrames(): void {
  let [frames, longestMs, last] = [0, 0, performance.now()];
  const count = (): void => {
    const now = performance.now();
    frames++;
    longestMs = Math.max(longestMs, now - last);
    last = now;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  const takeFrames = () => {
    const taken = { frames, longestMs, at: performance.now() };
    [frames, longestMs] = [0, 0];
    return taken;
  };
  Object.assign(window, { takeFrames });
}

/** Each row on the screen is what the service has at its place. */
async function expectRows(stage: Stage, page: Page, service: Service): Promise<void> {
  type Shown = { readonly deliveries: { readonly nodes: readonly { readonly id: string; readonly status: string }[] } };
  await stage.until('the page shows the newest deliveries with their status', 10_000, async () => {
    const { deliveries } = await service.api<Shown>(SHOWN);
    const expected = deliveries.nodes.map(({ id, status }) => `${id} ${status}`);
    return JSON.stringify(await page.evaluate(readRows, ROWS)) === JSON.stringify(expected);
  });
}

/** In the page: id and status of its first rows. */
const readRows = (count: number): string[] =>
  [...document.querySelectorAll('.rows [role=row]')]
    .sort((one, other) => Number(one.ariaRowIndex) - Number(other.ariaRowIndex))
    .slice(0, count)
    .map((row) => {
      const id = row.querySelector('a')!.getAttribute('href')!.split('/').at(-1);
      return `${id} ${row.querySelector<HTMLElement>('[data-status]')!.dataset['status']}`;
    });
