/** Starts a stage for a test and closes it when the test ends. */

import { afterEach } from "bun:test";
import { type AccountsOptions, type AccountsStage, startAccounts } from "./accounts-stage.ts";

/** Called once in a file of tests; returns the function with which each test starts its stage. */
export function stageOfEachTest(): (options?: AccountsOptions) => Promise<AccountsStage> {
  let stage: AccountsStage | null = null;
  afterEach(() => {
    stage?.close();
    stage = null;
  });
  return async (options = {}) => {
    stage = await startAccounts(options);
    return stage;
  };
}
