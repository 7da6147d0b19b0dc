/** Its name; else the host of its URL, which tells most targets apart. */
export const nameTarget = ({ name, url }: { readonly name: string | null; readonly url: string }): string =>
  name ?? URL.parse(url)?.host ?? url;
