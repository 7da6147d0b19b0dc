/** What is known of one thing: names with values, as a list. */
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Text } from '../text/text.tsx';
import './facts.css';

export const Facts = ({ children }: { readonly children: ReactNode }) => <dl className="facts">{children}</dl>;

export const Fact = ({ name, children }: { readonly name: string; readonly children: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </>
);

type TagsProps = {
  readonly tags: readonly string[];
  /** The list of what has a tag, by `tag` in its address. */
  readonly list: '/deliveries' | '/events';
};

export const Tags = ({ tags, list }: TagsProps) =>
  tags.map((tag) => (
    <Link key={tag} href={`${list}?tag=${encodeURIComponent(tag)}`} className="tag">
      <Text value={tag} />
    </Link>
  ));

/** The way to the list that this page belongs to. */
export const Back = ({ to, name }: { readonly to: string; readonly name: string }) => (
  <p className="back">
    <Link href={to}>
      <span aria-hidden="true">← </span>
      {name}
    </Link>
  </p>
);
