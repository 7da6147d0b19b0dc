import { CopyButton } from './copy-button.tsx';
import { Text } from './text.tsx';
import './copied.css';

type Props = { readonly text: string; readonly what: string };

/** A text to take along, such as a key or an address, with a button that copies it. */
export const Copied = ({ text, what }: Props) => (
  <p className="copied">
    <code>
      <Text value={text} />
    </code>
    <CopyButton text={text} what={what} />
  </p>
);
