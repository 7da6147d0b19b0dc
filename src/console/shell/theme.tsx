/** Light or dark: as the system says, until somebody chooses. The choice stays in this browser. */
import { useEffect, useState } from 'react';

const NAME = 'hookcast.theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

function recall(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(NAME)) ?? 'system';
  } catch {
    return 'system';
  }
}

export function ThemeChoice() {
  const [theme, setTheme] = useState(recall);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(NAME, theme);
    } catch {
      // Storage that throws: the choice lasts as long as the page.
    }
  }, [theme]);
  return (
    <select aria-label="Colours" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
      {THEMES.map((name) => (
        <option key={name} value={name}>
          {{ system: 'System', light: 'Light', dark: 'Dark' }[name]}
        </option>
      ))}
    </select>
  );
}
