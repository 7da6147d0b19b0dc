/** Light or dark: as the system says, until somebody chooses. The choice stays in this browser. */
import { useEffect, useState } from 'react';
import { recall, store } from '../api/storage.ts';

const NAME = 'hookcast.theme';
const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const chosen = (): Theme => THEMES.find((theme) => theme === recall('localStorage', NAME)) ?? 'system';

export function ThemeChoice() {
  const [theme, setTheme] = useState(chosen);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
    store('localStorage', NAME, theme);
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
