/** A check of the source, the text that takes it out, and the test case that must then go red. */

export interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Test files, with a space between. */
  readonly test: string;
  /** The case's whole title, as `bun test` prints it with ` > ` left out between groups; empty: any case of the test. */
  readonly red: string;
}

type Row = readonly [file: string, find: string, replace: string, test: string, red: string];

export const mutationsOf = (rows: readonly Row[]): readonly Mutation[] =>
  rows.map(([file, find, replace, test, red]) => ({ file, find, replace, test, red }));
