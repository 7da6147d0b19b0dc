import { useEffect, useId, useState } from 'react';

type Props = { readonly label: string; readonly value: string; readonly onChange: (value: string) => void };

/** Milliseconds without a letter until the search begins: a list is not loaded anew with each of them. */
const PAUSE_MS = 300;

export function SearchField({ label, value, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(onChange, PAUSE_MS, text);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="search" value={text} spellCheck={false} onChange={(event) => setText(event.target.value)} />
    </div>
  );
}
