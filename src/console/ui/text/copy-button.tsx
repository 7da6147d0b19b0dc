import { useState } from 'react';
import { createPortal } from 'react-dom';
import { copyText } from './copy.ts';
import { Dialog } from '../forms/dialog.tsx';
import { Field } from '../forms/field.tsx';

type Props = { readonly text: string; readonly what: string };

type State = 'idle' | 'copied' | 'refused';

const SIGNS: Readonly<Record<State, string>> = { idle: 'Copy', copied: '✓', refused: 'Not copied' };

/**
 * Copies the text, byte for byte, and says whether it did. Where the browser refuses, it shows the text to copy by hand.
 * `what`: what screen readers say is copied.
 */
export function CopyButton({ text, what }: Props) {
  const [state, setState] = useState<State>('idle');
  const [isByHand, setByHand] = useState(false);
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(text);
    setState(isCopied ? 'copied' : 'refused');
    setByHand(!isCopied);
  };
  const words = { idle: `Copy ${what}`, copied: 'Copied', refused: `${what} was not copied` }[state];
  return (
    <>
      <button
        type="button"
        className="quiet copy"
        onClick={() => void copy()}
        onBlur={() => !isByHand && setState('idle')}
      >
        <span aria-hidden="true">{SIGNS[state]}</span>
        <span className="hidden">{words}</span>
      </button>
      {/* Not beside the button, which may stand in a line of text. */}
      {isByHand && createPortal(<ByHand text={text} onClose={() => setByHand(false)} />, document.body)}
    </>
  );
}

const ByHand = ({ text, onClose }: { readonly text: string; readonly onClose: () => void }) => (
  <Dialog title="Not copied" onClose={onClose}>
    <p>The browser does not let this page copy. The text is selected here: copy it with the keys of your system.</p>
    <Field label="Text to copy">
      {(input) => (
        <textarea
          {...input}
          readOnly
          rows={Math.min(12, text.split('\n').length + 1)}
          spellCheck={false}
          className="code"
          value={text}
          onFocus={(event) => event.currentTarget.select()}
        />
      )}
    </Field>
    <div className="actions">
      <button type="button" onClick={onClose}>
        Close
      </button>
    </div>
  </Dialog>
);
