/** How the site that embeds the portal wants it to look, as the query of its address says. */

/** Properties by the name of the parameter. Whatever is not exactly as expected is left out. */
const LOOK: Readonly<Record<string, (value: string) => Readonly<Record<string, string>>>> = {
  accent: (value) => (/^#[0-9a-f]{6}$/i.test(value) ? accentOf(value) : {}),
  radius: (value) => (/^(\d|1\d|2[0-4])$/.test(value) ? { '--radius': `${value}px` } : {}),
  font: (value) => (/^[a-z][a-z0-9 -]{0,39}$/i.test(value) ? { '--font': `"${value}", system-ui, sans-serif` } : {}),
};

export function readLook(search: string): {
  readonly properties: Readonly<Record<string, string>>;
  readonly theme?: string;
} {
  const given = new URLSearchParams(search);
  const properties = Object.entries(LOOK).map(([name, read]) => read(given.get(name) ?? ''));
  const theme = given.get('theme') ?? '';
  return { properties: Object.assign({}, ...properties), ...(/^(light|dark)$/.test(theme) && { theme }) };
}

/** Of the two grounds of each theme, the one that marks stand out from less: --raised of style/tokens.css. */
const GROUNDS = { light: '#f5f7fa', dark: '#1c222c' };

const accentOf = (accent: string): Readonly<Record<string, string>> => ({
  '--accent': accent,
  '--on-accent': inkOn(accent),
  '--mark-on-light': markOn(GROUNDS.light, accent),
  '--mark-on-dark': markOn(GROUNDS.dark, accent),
});

/** Black or white, whichever can be read better on this colour: at least 4.5 to 1 on any (WCAG 2.2, 1.4.3). */
const inkOn = (colour: string): string => (luminanceOf(colour) > 0.179 ? '#000000' : '#ffffff');

/** The accent where it stands out from the ground, 3 to 1 at least (WCAG 2.2, 1.4.11); else the colour of text. */
const markOn = (ground: string, accent: string): string => (contrast(ground, accent) < 3 ? 'var(--text)' : accent);

function contrast(one: string, other: string): number {
  const [dark, light] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Relative luminance: 0 of black to 1 of white. */
function luminanceOf(colour: string): number {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
