/**
 * Keyboard navigation with a roving tab index: one Tab stop for all events, arrow keys between them. Up and down
 * follow the order of the page; left and right go to the adjacent day, and beyond the shown days to the next ones.
 */

import * as React from "react";

export interface Roving {
  /** `date id` of the event at which the Tab key stops. */
  readonly isStop: (date: string, id: string) => boolean;
  readonly onFocus: (date: string, id: string) => void;
  readonly onKeyDown: (event: React.KeyboardEvent<HTMLElement>) => void;
}

interface Stop {
  readonly date: string;
  readonly id: string;
}

/** `stops` are in the order of the page. */
export function useRoving(
  stops: readonly Stop[],
  days: readonly string[],
  step: (direction: 1 | -1) => void,
): Roving {
  const [current, setCurrent] = React.useState<Stop | null>(null);
  const known = stops.find(({ date, id }) => date === current?.date && id === current.id) ?? stops[0];
  return {
    isStop: (date, id) => known?.date === date && known.id === id,
    onFocus: (date, id) => setCurrent({ date, id }),
    onKeyDown(event) {
      const { currentTarget, key, target } = event;
      const button = (target as HTMLElement).closest<HTMLElement>("[data-event]");
      if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
      const all = [...currentTarget.querySelectorAll<HTMLElement>("[data-event]")];
      const isReversed = getComputedStyle(currentTarget).direction === "rtl";
      const to = targetOf(key, { all, button, days, isReversed });
      if (to === null) return;
      event.preventDefault();
      event.stopPropagation();
      if (typeof to === "number") step(to);
      else to.focus();
    },
  };
}

interface From {
  readonly all: readonly HTMLElement[];
  readonly button: HTMLElement;
  readonly days: readonly string[];
  readonly isReversed: boolean;
}

/** Returns an event, a step to other days, or null for any other key. */
function targetOf(key: string, { all, button, days, isReversed }: From): HTMLElement | 1 | -1 | null {
  const at = all.indexOf(button);
  const clamp = (index: number) => all[Math.min(Math.max(index, 0), all.length - 1)] ?? button;
  switch (key) {
    case "ArrowDown":
      return clamp(at + 1);
    case "ArrowUp":
      return clamp(at - 1);
    case "Home":
      return clamp(0);
    case "End":
      return clamp(all.length);
    case "PageDown":
      return 1;
    case "PageUp":
      return -1;
    case "ArrowRight":
    case "ArrowLeft": {
      const direction = (key === "ArrowRight") === isReversed ? -1 : 1;
      return besideOf(direction, { all, button, days, isReversed });
    }
    default:
      return null;
  }
}

/** Returns the event at the most similar height on the next day that has events. */
function besideOf(direction: 1 | -1, { all, button, days }: From): HTMLElement | 1 | -1 {
  const from = days.indexOf(button.dataset.date ?? "");
  const { top } = button.getBoundingClientRect();
  for (let day = from + direction; day >= 0 && day < days.length; day += direction) {
    const there = all.filter((one) => one.dataset.date === days[day]);
    const distance = (one: HTMLElement) => Math.abs(one.getBoundingClientRect().top - top);
    const nearest = there.sort((a, b) => distance(a) - distance(b))[0];
    if (nearest) return nearest;
  }
  return direction;
}
