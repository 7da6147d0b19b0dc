import { useEffect, useId, useRef, useState } from 'react';

type Props = { readonly label: string; readonly value: string; readonly onChange: (value: string) => void };

/** Milliseconds without a letter until the search begins: a list is not loaded anew with each of them. */
const PAUSE_MS = 300;

/** `value`: the search of the page, without blanks around it. `onChange` gets it so too. */
export function SearchField({ label, value, onChange }: Props) {
  const id = useId();
  const [text, setText] = useState(value);
  /** The newest search that both sides know. When the page has another one, somebody else has set it, such as a link. */
  const known = useRef(value);
  const newest = useRef(onChange);
  useEffect(() => {
    newest.current = onChange;
  });
  useEffect(() => {
    if (value === known.current) return;
    known.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    const wanted = text.trim();
    if (wanted === known.current) return;
    const timer = setTimeout(() => {
      known.current = wanted;
      newest.current(wanted);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input id={id} type="search" value={text} spellCheck={false} onChange={(event) => setText(event.target.value)} />
    </div>
  );
}
