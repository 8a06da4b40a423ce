/** Members of a channel and channels of a member, from one table. */

/** Rows × columns with an index for each direction: members of a channel, channels of a member. */
export class Table<T> {
  readonly #rows = new Map<string, Map<string, T>>();
  readonly #columns = new Map<string, Set<string>>();

  get(row: string, column: string): T | undefined {
    return this.#rows.get(row)?.get(column);
  }

  set(row: string, column: string, value: T): void {
    emplace(this.#rows, row, () => new Map()).set(column, value);
    emplace(this.#columns, column, () => new Set()).add(row);
  }

  delete(row: string, column: string): void {
    this.#rows.get(row)?.delete(column);
    this.#columns.get(column)?.delete(row);
  }

  inRow(row: string): T[] {
    return [...(this.#rows.get(row)?.values() ?? [])];
  }

  rowKeys(row: string): string[] {
    return [...(this.#rows.get(row)?.keys() ?? [])];
  }

  columnKeys(column: string): string[] {
    return [...(this.#columns.get(column) ?? [])];
  }

  inColumn(column: string): T[] {
    return this.columnKeys(column).flatMap((row) => this.get(row, column) ?? []);
  }
}

export function emplace<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
