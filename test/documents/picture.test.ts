/** The picture of the README, as a browser draws it: in light and dark, and every word where it can be read. */
import { expect, test } from 'vitest';
import { openBrowser } from '../support/browser/browser.ts';
import { readDocument } from '../support/documents.ts';

const PATH = 'src/pipeline/pipeline.svg';

test('the README shows the picture, and the picture loads nothing', async () => {
  expect(await readDocument('README.md')).toMatch(/^!\[[^\]]{40,}\]\(src\/pipeline\/pipeline\.svg\)$/m);
  expect((await readDocument(PATH)).replace('http://www.w3.org/2000/svg', '')).not.toMatch(
    /https?:|<script|<image|@import/,
  );
});

test('in both schemes every word lies inside the picture, on no other word, with a contrast of 4.5', async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const grounds = new Set<string>();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.goto(new URL(`../../${PATH}`, import.meta.url).href);
    const { ground, faults } = (await page.evaluate(LOOK)) as { ground: string; faults: string[] };
    expect({ colorScheme, faults }).toEqual({ colorScheme, faults: [] });
    grounds.add(ground);
  }
  expect(grounds.size).toBe(2);
});

/** Runs in the page. A word stands on the last box that holds its middle, else on the ground. */
const LOOK = `(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const fill = (element) => getComputedStyle(element).fill;
  const meets = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  const holds = (box, x, y) => box.x <= x && x <= box.x + box.width && box.y <= y && y <= box.y + box.height;
  const boxes = [...document.querySelectorAll('rect')];
  const texts = [...document.querySelectorAll('text')].map((text) => ({ text, at: text.getBBox() }));
  const { width, height } = document.documentElement.viewBox.baseVal;
  const faults = texts.flatMap(({ text, at }, index) => {
    const name = text.textContent;
    const box = boxes.filter((rect) => holds(rect.getBBox(), at.x + at.width / 2, at.y + at.height / 2)).at(-1);
    const room = box.getBBox();
    const found = [];
    if (at.x < 0 || at.y < 0 || at.x + at.width > width || at.y + at.height > height) found.push(name + ': outside');
    if (at.x < room.x || at.x + at.width > room.x + room.width) found.push(name + ': wider than its box');
    if (contrast(fill(text), fill(box)) < 4.5) found.push(name + ': too little contrast');
    for (const other of texts.slice(index + 1)) {
      if (meets(at, other.at)) found.push(name + ': on ' + other.text.textContent);
    }
    for (const rect of boxes.slice(1)) {
      if (rect !== box && meets(at, rect.getBBox())) found.push(name + ': on the edge of a box');
    }
    return found;
  });
  return { ground: fill(boxes[0]), faults };
})()`;
