/** The row of the Checks page about links: paused and failing ones, and whether there is a bot account. */

import type { CheckAnswer, Sentence } from "../../platform/checks.ts";
import type { Room } from "./room.ts";
import { LATE_MS } from "./work.ts";

/** Returns null when there is no link. */
export async function checkLinks(room: Room): Promise<CheckAnswer | null> {
  await room.links.reload();
  const [links, waiting, bot] = await Promise.all([
    room.links.all(),
    room.waiting(),
    room.people.botAccount(),
  ]);
  if (links.length === 0) return null;
  const now = room.ports.clock.now();
  const paused = links.filter((link) => link.paused !== null);
  const failing = links.filter(({ id, paused }) => {
    const { toMattermost, toTeams } = waiting.get(id) ?? {};
    return [toMattermost, toTeams].some(
      (way) => way && (way.parked > 0 || (paused === null && now - (way.oldestAt ?? now) > LATE_MS)),
    );
  });
  const trouble: Sentence[] = [
    ...(failing.length > 0 ? [{ code: "links_failing", values: { count: failing.length } }] : []),
    ...(paused.length > 0 ? [{ code: "links_paused", values: { count: paused.length } }] : []),
    ...(bot ? [] : [{ code: "links_no_bot" }]),
  ];
  const seen = [{ code: "links", values: { count: links.length } }, ...trouble];
  const [first] = trouble;
  return first ? { state: "warning", seen, cure: first.code } : { state: "ok", seen };
}
