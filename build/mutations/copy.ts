/** A copy of the source in which checks are removed, one at a time, and tests run. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../architecture.ts";
import type { Mutation } from "./mutation.ts";

/** The files that the tests need; everything else is left out. */
const COPIED = [
  "server",
  "build/product-features.ts",
  "e2e/sandbox",
  "webapp/src",
  "package.json",
  "plugin.json",
  "tsconfig.json",
];

/** Codes of the compiler for a name without a declaration and for a syntax error. */
const NOT_DECLARED = /^(\S+?)\(\d+,\d+\): error (TS(?:2304|2448|2503|2552|1\d{3}): .*)$/gm;

/** The titles of a run, as `bun test` prints them but without the ` > ` between groups. */
interface Run {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
}

/** `red`: the case that failed. Otherwise the reason why the mutation proves nothing. */
export type Verdict = { readonly red: string } | { readonly alive: string };

export class MutationCopy {
  readonly #directory = mkdtempSync(join(tmpdir(), "mutate-"));
  /** Several mutations share test files, which run unchanged once. */
  readonly #unchanged = new Map<string, Promise<Run>>();

  constructor() {
    for (const path of COPIED) {
      mkdirSync(dirname(join(this.#directory, path)), { recursive: true });
      cpSync(join(root, path), join(this.#directory, path), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(this.#directory, "node_modules"));
  }

  /**
   * Returns the mutations that use a name which is not declared there, with the compiler's words: they would fail
   * with an error in any test. The compiler reads all of them at once, each as a file beside the original.
   */
  async undeclared(mutations: readonly Mutation[]): Promise<ReadonlyMap<Mutation, string>> {
    const files = new Map<string, Mutation>();
    for (const [index, mutation] of mutations.entries()) {
      const file = mutation.file.replace(/\.(tsx?)$/, `.mutation${index}.$1`);
      files.set(file, mutation);
      await Bun.write(
        join(this.#directory, file),
        mutated(await Bun.file(join(root, mutation.file)).text(), mutation),
      );
    }
    const project = join(this.#directory, "mutations.json");
    await Bun.write(project, JSON.stringify({ extends: "./tsconfig.json", include: [...files.keys()] }));
    const compiler = join(this.#directory, "node_modules/.bin/tsc");
    const child = Bun.spawn([compiler, "-p", project, "--pretty", "false"], {
      cwd: this.#directory,
      stdout: "pipe",
      stderr: "ignore",
    });
    const output = await new Response(child.stdout).text();
    for (const file of files.keys()) rmSync(join(this.#directory, file));
    const found = new Map<Mutation, string>();
    for (const [, file = "", problem = ""] of output.matchAll(NOT_DECLARED)) {
      const mutation = files.get(file);
      if (mutation) found.set(mutation, problem);
    }
    return found;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async attempt(mutation: Mutation): Promise<Verdict> {
    const { file, find, test, red } = mutation;
    const path = join(this.#directory, file);
    const source = await Bun.file(path).text();
    if (source.split(find).length !== 2)
      return { alive: `the text is there ${source.split(find).length - 1} times` };
    const before = await this.#before(test);
    if (before.failed.length > 0) return { alive: `unchanged, this case fails: ${before.failed[0]}` };
    const wanted = spaced(red);
    const named = before.passed.filter((title) => red === "" || title === wanted);
    if (named.length === 0 || (red !== "" && named.length > 1))
      return { alive: `unchanged, ${named.length} cases have this title and pass` };
    await Bun.write(path, mutated(source, mutation));
    try {
      const { failed } = await this.#run(test, red);
      const first = failed.find((title) => red === "" || title === wanted);
      return first === undefined ? { alive: "no case fails" } : { red: first };
    } finally {
      await Bun.write(path, source);
    }
  }

  #before(test: string): Promise<Run> {
    const known = this.#unchanged.get(test) ?? this.#run(test, "", false);
    this.#unchanged.set(test, known);
    return known;
  }

  /**
   * Stops at the first failure when it is to show that there is one. A file that cannot be loaded fails without a
   * case, and so proves nothing.
   */
  async #run(test: string, name: string, bail = true): Promise<Run> {
    const pattern = `^\\s*${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;
    const only = name === "" ? [] : ["-t", pattern];
    const flags = [...only, ...(bail ? ["--bail"] : []), "--timeout", "60000"];
    const child = Bun.spawn([process.execPath, "test", ...test.split(" "), ...flags], {
      cwd: this.#directory,
      stdout: "ignore",
      stderr: "pipe",
    });
    const output = await new Response(child.stderr).text();
    await child.exited;
    const titles = (outcome: string) =>
      [...output.matchAll(new RegExp(`^\\(${outcome}\\) (.*?)(?: \\[[\\d.]+m?s\\])?$`, "gm"))].map(
        ([, title = ""]) => spaced(title),
      );
    return { passed: titles("pass"), failed: titles("fail") };
  }
}

const spaced = (title: string) => title.replaceAll(" > ", " ");

export const mutated = (source: string, { find, replace }: Mutation) => source.replace(find, () => replace);
