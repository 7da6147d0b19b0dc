/** The order of a live list: ids begin with the time. */
export const newestFirst = <Row extends { readonly id: string }>(one: Row, other: Row): number =>
  one.id < other.id ? 1 : -1;
