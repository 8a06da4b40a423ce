import type { CalendarEvent } from "./api.ts";
import type { Known } from "./calendar.ts";
import type { CalendarRoom, CalendarSay } from "./room.ts";

/** Properties of both views of days. */
export interface ViewProps {
  readonly room: CalendarRoom;
  readonly say: CalendarSay;
  readonly known: Known;
  readonly days: readonly string[];
  readonly today: string;
  /** The person's wall-clock time. */
  readonly wall: string;
  readonly onOpen: (event: CalendarEvent) => void;
  /** Goes to the next or the previous day or week. */
  readonly step: (direction: 1 | -1) => void;
}
