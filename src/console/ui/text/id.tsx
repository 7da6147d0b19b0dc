import { CopyButton } from './copy-button.tsx';

/** An id in a fixed-width face, with a button that copies it. */
export const Id = ({ id }: { readonly id: string }) => (
  <span className="id">
    <code title={id}>{id}</code>
    <CopyButton text={id} what={id} />
  </span>
);
