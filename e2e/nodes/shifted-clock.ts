/**
 * Loaded into the built executable by `BUN_OPTIONS=--preload`: moves its clock forward by the milliseconds in a file.
 * Tests of daily jobs use it; the rest of the process is as built.
 */

import { readFileSync } from "node:fs";

const file = process.env.SHIFTED_CLOCK ?? "";
const RealDate = Date;
let shift = 0;

function look(): void {
  try {
    shift = Number(readFileSync(file, "utf8")) || 0;
  } catch {
    shift = 0;
  }
}
look();
setInterval(look, 20).unref();

class ShiftedDate extends RealDate {
  constructor(...parts: unknown[]) {
    if (parts.length === 0) super(RealDate.now() + shift);
    else super(...(parts as [number]));
  }
  static override now(): number {
    return RealDate.now() + shift;
  }
}
globalThis.Date = ShiftedDate as DateConstructor;
