/** Two rates measured in turns, so that a busy moment of the machine falls on both. */
import { mean } from './statistics.ts';

export type Sides = { readonly measured: number; readonly reference: number };

export async function sideBySide(
  rounds: number,
  reference: () => Promise<number>,
  measured: () => Promise<number>,
): Promise<Sides> {
  const sides = { measured: [] as number[], reference: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    sides.reference.push(await reference());
    sides.measured.push(await measured());
  }
  sides.reference.push(await reference());
  return { measured: mean(sides.measured), reference: mean(sides.reference) };
}
