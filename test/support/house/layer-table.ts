/** The rules of which room may import which, as the tables of documents state them. */

/** `types`: what may be imported for its types alone. `*` stands for everything. */
export type Rule = { readonly imports: readonly string[]; readonly types: readonly string[] };

type Row = { readonly layer: string; readonly rooms: readonly string[]; readonly allowed: string };

/**
 * The rules in a document's table with the columns `room` or `rooms`, and `may import`. A column `layer` before them numbers
 * the rows; an empty cell repeats the layer above, and "layer 0" in a rule stands for the rooms of that layer.
 */
export function rulesIn(document: string): ReadonlyMap<string, Rule> {
  const rows = rowsIn(document);
  const roomsOfLayer = (layer: string) => {
    const rooms = rows.filter((row) => row.layer === layer).flatMap((row) => row.rooms);
    if (rooms.length === 0) throw new Error(`The table of rooms has no layer ${layer}`);
    return rooms;
  };
  const namesIn = (text: string): string[] => [
    ...(text.trim() === 'everything' ? ['*'] : []),
    ...[...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!),
    ...[...text.matchAll(/layer (\d)/g)].flatMap(([, layer]) => roomsOfLayer(layer!)),
  ];
  return new Map(
    rows.flatMap(({ rooms, allowed }) => {
      const [imports, types = ''] = allowed.split('; types of ');
      return rooms.map((room) => [
        room,
        { imports: namesIn(imports!).filter((name) => name !== room), types: namesIn(types) },
      ]);
    }),
  );
}

function rowsIn(document: string): Row[] {
  const table = /^(?:\| layer )?\| rooms? \| may import \|\n\|[-|]+\|\n((?:\|.*\|\n)+)/m.exec(document);
  if (!table) throw new Error('The document has no table with the columns "rooms" and "may import"');
  let layer = '';
  return table[1]!
    .trimEnd()
    .split('\n')
    .map((line) => {
      const cells = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      const [named, rooms, allowed] = cells.length === 3 ? cells : ['', ...cells];
      layer = /^\d/.exec(named!)?.[0] ?? (named || layer);
      return { layer, rooms: [...rooms!.matchAll(/`([^`]+)`/g)].map(([, room]) => room!), allowed: allowed! };
    });
}
