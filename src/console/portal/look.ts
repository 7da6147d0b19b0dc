/** How the site that embeds the portal wants it to look, as the query of its address says. */

/** Properties by the name of the parameter. Whatever is not exactly as expected is left out. */
const LOOK: Readonly<Record<string, (value: string) => Readonly<Record<string, string>>>> = {
  accent: (value) => (/^#[0-9a-f]{6}$/i.test(value) ? { '--accent': value, '--on-accent': inkOn(value) } : {}),
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

/** Black or white, whichever can be read better on this colour: at least 4.5 to 1 on any (WCAG 2.2, 1.4.3). */
function inkOn(colour: string): string {
  const [red, green, blue] = [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  return light > 0.179 ? '#000000' : '#ffffff';
}
