/**
 * The table of rooms: how many files and lines each folder of the sources has, and how entangled it is. It reads nothing but
 * files, so it counts any checkout: `node test/support/house/room-table.ts path/to/src`.
 */
import { dirname } from 'node:path';
import { circlesOf, connected, readSources, type Source } from './sources.ts';

export type Room = {
  /** The folder; a file that lies in none is a room of its own. */
  readonly room: string;
  readonly files: number;
  readonly lines: number;
  /**
   * Imports of other rooms that import this one too, directly or through others. A folder and the folders in it are no two
   * rooms in this.
   */
  readonly arrowsBack: readonly string[];
  /** Files of this room that are part of a circle of imports, types included. */
  readonly inCircles: readonly string[];
};

const roomOf = (path: string): string => (dirname(path) === '.' ? path : dirname(path));

export function roomsOf(sources: readonly Source[]): Room[] {
  const circular = new Set(circlesOf(sources).flat());
  const byRoom = Map.groupBy(sources, ({ path }) => roomOf(path));
  const mutual = mutualRooms(byRoom);
  return [...byRoom].map(([room, files]) => ({
    room,
    files: files.length,
    lines: files.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0),
    arrowsBack: files.flatMap(({ path, imports }) =>
      imports.filter((target) => mutual(room, roomOf(target.path))).map((target) => `${path} imports ${target.path}`),
    ),
    inCircles: files.map(({ path }) => path).filter((path) => circular.has(path)),
  }));
}

/** Whether the two are one room, or one lies in the other. */
const isWithin = (one: string, other: string): boolean =>
  `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);

/** Whether two different rooms import each other, directly or through others. */
function mutualRooms(byRoom: ReadonlyMap<string, readonly Source[]>): (one: string, other: string) => boolean {
  const arrows = new Map(
    [...byRoom].map(([room, files]) => [
      room,
      [...new Set(files.flatMap(({ imports }) => imports.map(({ path }) => roomOf(path))))].filter(
        (other) => !isWithin(room, other),
      ),
    ]),
  );
  const groupOf = new Map(connected(arrows).flatMap((group) => group.map((room) => [room, group] as const)));
  return (one, other) => !isWithin(one, other) && groupOf.has(one) && groupOf.get(one) === groupOf.get(other);
}

/** The table as text, widest room first set apart, with the sums in its last line. */
export function printRooms(rooms: readonly Room[]): string {
  const total = (count: (room: Room) => number) => rooms.reduce((sum, room) => sum + count(room), 0);
  const cells = [
    ['room', 'files', 'lines', 'arrows back', 'files in circles'],
    ...rooms.map(({ room, files, lines, arrowsBack, inCircles }) =>
      [room, files, lines, arrowsBack.length, inCircles.length].map(String),
    ),
    [
      'all',
      ...[total(({ files }) => files), total(({ lines }) => lines)].map(String),
      ...[total(({ arrowsBack }) => arrowsBack.length), total(({ inCircles }) => inCircles.length)].map(String),
    ],
  ];
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ');
  return cells.map(line).join('\n');
}

if (import.meta.main) console.log(printRooms(roomsOf(await readSources(process.argv[2] ?? 'src'))));
