/** Texts of others: names, tags, answers, bodies. They are shown as text, and none of them changes what stands beside it. */
import { useState } from 'react';
import { plural } from '../figures/format.ts';
import { CopyButton } from './copy-button.tsx';
import { prettyJson } from './pretty-json.ts';
import { visibleLine, visibleLines } from '../visible.ts';
import './text.css';

/** A name, a tag, or another short text. */
export const Text = ({ value }: { readonly value: string }) => <bdi>{visibleLine(value)}</bdi>;

type BodyProps = { readonly name: string; readonly text: string; readonly isTruncated?: boolean };

/** A body: pretty where it is JSON, raw as it is, and copied byte for byte. */
export function Body({ name, text, isTruncated = false }: BodyProps) {
  const pretty = prettyJson(text);
  const [isRaw, setRaw] = useState(false);
  if (text === '') return <p className="soft">{name}: empty</p>;
  return (
    <figure className="body">
      <figcaption>
        <strong>{name}</strong>
        <span className="soft number">{sizeOf(text)}</span>
        {pretty !== null && (
          <span role="group" aria-label={`How to show: ${name}`} className="choices">
            <button type="button" aria-pressed={!isRaw} onClick={() => setRaw(false)}>
              Pretty
            </button>
            <button type="button" aria-pressed={isRaw} onClick={() => setRaw(true)}>
              Raw
            </button>
          </span>
        )}
        <CopyButton text={text} what={name} />
      </figcaption>
      <pre tabIndex={0} dir="ltr" aria-label={name}>
        {visibleLines(pretty === null || isRaw ? text : pretty)}
      </pre>
      {isTruncated && <p className="soft">The answer was longer. Only its first 16 KiB are kept.</p>}
    </figure>
  );
}

function sizeOf(text: string): string {
  const bytes = new TextEncoder().encode(text).length;
  return bytes < 1_024 ? plural(bytes, 'byte') : `${(bytes / 1_024).toFixed(1)} KiB`;
}

type HeadersProps = {
  readonly name: string;
  readonly headers: unknown;
  /** True: only the name is shown, until somebody opens them. */
  readonly isFolded?: boolean;
  /** Whether the value of this header is hidden, and left out of a copy, until somebody asks for it. Default: none is. */
  readonly isHidden?: (header: string) => boolean;
};

const HIDDEN = '••••••••';

/** Headers as the service keeps them: name to value, or to a list of values. */
export function Headers({ name, headers, isFolded = false, isHidden = () => false }: HeadersProps) {
  const [isShown, setShown] = useState(false);
  const whole = headerLines(headers);
  if (whole.length === 0) return null;
  const lines = isShown ? whole : whole.map(([header, value]) => [header, isHidden(header) ? HIDDEN : value] as const);
  const copy = <CopyButton text={lines.map(([header, value]) => `${header}: ${value}`).join('\n')} what={name} />;
  const list = (
    <dl className="headers">
      {lines.map(([header, value], nth) => (
        <div key={nth}>
          <dt>
            <Text value={header} />
          </dt>
          <dd>
            <Text value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
  if (!isFolded)
    return (
      <figure className="body">
        <figcaption>
          <strong>{name}</strong>
          {copy}
        </figcaption>
        {list}
      </figure>
    );
  return (
    <details className="body">
      <summary>
        <strong>{name}</strong> <span className="soft number">{lines.length}</span>
      </summary>
      <div className="tools">
        {whole.some(([header]) => isHidden(header)) && (
          <button type="button" className="quiet" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
            Show values
          </button>
        )}
        {copy}
      </div>
      {list}
    </details>
  );
}

function headerLines(headers: unknown): readonly (readonly [name: string, value: string])[] {
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => [name, String(value)] as const),
  );
}
