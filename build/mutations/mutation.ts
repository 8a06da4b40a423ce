/** A check in the source, its replacement, and the test case that must then fail. */

export interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** Test files, separated by spaces. */
  readonly test: string;
  /**
   * The case's whole title, as `bun test` prints it but without the ` > ` between groups; empty: any case of the
   * test.
   */
  readonly red: string;
}

type Row = readonly [file: string, find: string, replace: string, test: string, red: string];

export const mutationsOf = (rows: readonly Row[]): readonly Mutation[] =>
  rows.map(([file, find, replace, test, red]) => ({ file, find, replace, test, red }));

type Change = readonly [find: string, replace: string];

/** Mutations of one file after which any case of the tests must fail. */
export const inRoom = (file: string, test: string, changes: readonly Change[]): readonly Mutation[] =>
  changes.map(([find, replace]) => ({ file, find, replace, test, red: "" }));
