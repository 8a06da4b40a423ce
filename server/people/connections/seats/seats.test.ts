import { expect, test } from "bun:test";
import type { Cluster, User } from "../../../runtime/mattermost/index.ts";
import { createSeats } from "./seats.ts";

const person = (Id: string) => ({ Id, Roles: "system_user", DeleteAt: 0 }) as User;

test("when two people see the last seat free, the second one finds it taken", async () => {
  const taken = new Map<string, number>();
  let isHeld = false;
  let looked = 0;
  const both = Promise.withResolvers<void>();
  const seats = createSeats({
    store: {
      countOnce: async () => taken.size,
      once: {
        get: async (id: string) => taken.get(id) ?? null,
        set: async (id: string, at: number) => void taken.set(id, at),
        delete: async (id: string) => void taken.delete(id),
      } as never,
    },
    invited: { keptForOthers: async () => 0 },
    cluster: {
      // Nobody gets the lock before both have looked.
      async lock() {
        looked += 1;
        if (looked === 2) both.resolve();
        await both.promise;
        while (isHeld) await Bun.sleep(1);
        isHeld = true;
        const release = async () => {
          isHeld = false;
        };
        return { signal: new AbortController().signal, release };
      },
    } as Pick<Cluster, "lock">,
    rules: () => ({ limit: 1, restricted: false }),
    isListed: async () => true,
    clock: () => 1,
  });
  const ends = await Promise.all([seats.take(person("ana")), seats.take(person("ben"))]);
  expect(ends.map(({ refusal }) => refusal).sort()).toEqual(["no_seat", null]);
  expect(taken.size).toBe(1);
  expect(isHeld).toBe(false);
});
