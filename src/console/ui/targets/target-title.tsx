import { Text } from '../text.tsx';

type Named = { readonly name: string | null; readonly url: string };

/** What a target without a name is called. */
export const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

export const TargetTitle = ({ name, url }: Named) => <Text value={name ?? hostOf(url)} />;
