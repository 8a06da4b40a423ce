/** Formats `08:00` as the reader writes it. */

import type { ZoneId } from "../../../microsoft/time-zones/index.ts";
import { startOfDay } from "../rules/days.ts";
import { clockText, type Reader } from "../rules/when.ts";

const UTC = "UTC" as ZoneId;

export function postTimeText(postTime: string, reader: Reader): string {
  const [hour = 0, minute = 0] = postTime.split(":").map(Number);
  const moment = startOfDay("2026-01-01", UTC) + (hour * 60 + minute) * 60_000;
  return clockText(moment, { ...reader, zone: UTC });
}
