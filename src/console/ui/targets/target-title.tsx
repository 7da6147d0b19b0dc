import { Text } from '../text/text.tsx';

type Named = { readonly name: string | null; readonly url: string };

export const hostOf = (url: string): string => URL.parse(url)?.host ?? url;

/** Its name; else the host of its URL, which tells most targets apart. */
export const nameTarget = ({ name, url }: Named): string => name ?? hostOf(url);

export const TargetTitle = (target: Named) => <Text value={nameTarget(target)} />;
