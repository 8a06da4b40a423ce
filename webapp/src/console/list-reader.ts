/** Reads the pages of a long list, so that it shows the answer to the last question, whichever answer comes last. */

export interface Question {
  readonly search: string;
  /** 0 is the first page. */
  readonly page: number;
}

export interface Found<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

export interface Shown<Row> {
  readonly found: Found<Row> | null;
  /** The error of the last read; what was found before stays on the screen. */
  readonly error: Error | null;
}

export const PER_PAGE = 50;

const queryOf = ({ page, search }: Question) =>
  `search=${encodeURIComponent(search)}&page=${page}&per_page=${PER_PAGE}`;

const lastPage = (total: number) => Math.max(0, Math.ceil(total / PER_PAGE) - 1);

export class ListReader<Row> {
  #newest = 0;

  /**
   * Returns null when another read has begun meanwhile. The page differs from the one that was asked for when that does
   * not exist any more.
   */
  async read(
    read: (query: string) => Promise<Found<Row>>,
    question: Question,
  ): Promise<(Shown<Row> & { readonly page: number }) | null> {
    this.#newest += 1;
    const mine = this.#newest;
    const answer = await findPage(read, question).catch((thrown: unknown) => ({
      page: question.page,
      found: null,
      error: thrown instanceof Error ? thrown : new Error(String(thrown)),
    }));
    return mine === this.#newest ? answer : null;
  }

  /** Answers that are on their way are ignored. */
  stop(): void {
    this.#newest += 1;
  }
}

async function findPage<Row>(
  read: (query: string) => Promise<Found<Row>>,
  { page, search }: Question,
): Promise<{ readonly found: Found<Row>; readonly error: null; readonly page: number }> {
  const found = await read(queryOf({ page, search }));
  const last = lastPage(found.total);
  // The last row of the last page was removed.
  return page > last && found.rows.length === 0
    ? findPage(read, { page: last, search })
    : { found, error: null, page };
}

export const isLastPage = (page: number, total: number): boolean => page >= lastPage(total);

/** The page buttons are there whenever they lead somewhere. */
export const hasPages = (page: number, total: number): boolean => page > 0 || total > PER_PAGE;

export function statusText(
  { error, found }: Shown<unknown>,
  words: { readonly total: (count: number) => string; readonly running: string },
): string {
  if (found) return words.total(found.total);
  return error ? "" : words.running;
}
