/** The expected failures of a mutation, and where a form shows them: beside the field that their path names. */

export type UserErrors = readonly { readonly field?: readonly string[] | null; readonly message: string }[];

const begins = (path: readonly string[], start: readonly string[]): boolean =>
  start.every((part, nth) => path[nth] === part);

/** Messages about the field at this path, and about parts of it. The path begins after `input`. */
export const errorsAt = (errors: UserErrors, ...path: readonly string[]): readonly string[] =>
  errors.filter(({ field }) => field && begins(field.slice(1), path)).map(({ message }) => message);

/** Messages that no field of the form shows: they stand beside its button, so that none is hidden. */
export const errorsElsewhere = (errors: UserErrors, shown: readonly string[]): readonly string[] =>
  errors.filter(({ field }) => !field || !shown.includes(field[1] ?? '')).map(({ message }) => message);
