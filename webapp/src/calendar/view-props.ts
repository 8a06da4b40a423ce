import type { CalendarEvent } from "./api.ts";
import type { Known } from "./calendar.ts";
import type { CalendarRoom, CalendarSay } from "./room.ts";

/** What both ways of showing days get. */
export interface ViewProps {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly known: Known;
  readonly days: readonly string[];
  readonly today: string;
  /** The person's wall clock. */
  readonly wall: string;
  readonly onOpen: (event: CalendarEvent) => void;
  /** To the next or the previous day or week. */
  readonly step: (direction: 1 | -1) => void;
}
