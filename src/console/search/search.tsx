/** Finds a delivery, an event or a target by id, and deliveries and events by tag or customer. */
import { useEffect, useId, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useService } from '../api/service.ts';
import { useMay } from '../api/viewer.tsx';
import { explainError } from '../ui/failure.tsx';
import { Text } from '../ui/text/text.tsx';
import { findThings } from './find.ts';
import { placesOf, type SearchPlace } from './places.ts';
import './search.css';

type Result = { readonly text: string; readonly places?: readonly SearchPlace[]; readonly error?: unknown };

export function Search() {
  const [field, hint] = [useId(), useId()];
  const access = useService();
  const may = { deliveries: useMay('DELIVERIES_READ'), events: useMay('EVENTS_READ') };
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [isSearching, setSearching] = useState(false);
  const [result, setResult] = useState<Result | null>(null);

  const running = useRef<AbortController>(undefined);
  // Somebody who goes elsewhere has left the search.
  useEffect(() => () => running.current?.abort(), []);

  async function search(): Promise<void> {
    const wanted = text.trim();
    running.current?.abort();
    const { signal } = (running.current = new AbortController());
    setSearching(wanted !== '');
    if (wanted === '') return setResult(null);
    try {
      const places = placesOf(wanted, await findThings(access, wanted, may, signal));
      if (signal.aborted) return;
      setResult(places.length === 1 ? null : { text: wanted, places });
      if (places.length === 1) navigate(places[0]!.path);
    } catch (error) {
      if (!signal.aborted) setResult({ text: wanted, error });
    } finally {
      if (!signal.aborted) setSearching(false);
    }
  }

  return (
    <search className="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void search();
        }}
      >
        <label htmlFor={field} className="hidden">
          Search
        </label>
        <input
          id={field}
          type="search"
          placeholder="Id, tag or customer"
          value={text}
          spellCheck={false}
          autoComplete="off"
          aria-describedby={hint}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit">{isSearching ? 'Searching…' : 'Search'}</button>
      </form>
      <div role="status" id={hint}>
        {result && <Found result={result} onLeave={() => setResult(null)} />}
      </div>
    </search>
  );
}

function Found({ result, onLeave }: { readonly result: Result; readonly onLeave: () => void }) {
  const { text, places, error } = result;
  if (!places) return <p className="found">The search failed. {explainError(error)}</p>;
  if (places.length === 0)
    return (
      <p className="found">
        Nothing has the id, the tag or the customer “<Text value={text} />
        ”. Tags and customers are compared exactly.
      </p>
    );
  return (
    <ul className="found" aria-label="Found">
      {places.map(({ name, path }) => (
        <li key={path}>
          <Link href={path} onClick={onLeave}>
            <Text value={name} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
