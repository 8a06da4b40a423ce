import { expect, test } from "bun:test";
import { openPages } from "./open-pages.ts";

function world() {
  const told: string[] = [];
  const logged: string[] = [];
  let release: () => void = () => undefined;
  let fails = false;
  const wait = new Promise<void>((resolve) => {
    release = resolve;
  });
  const pages = openPages({
    api: {
      async publishWebSocketEvent(event, data, broadcast) {
        if (fails) throw new Error("away");
        told.push(`${event} ${JSON.stringify(data)} ${broadcast?.UserId}`);
      },
    },
    log: { info: (message) => void logged.push(message) },
    sleep: () => wait,
  });
  return {
    ...{ pages, told, logged },
    fail: () => {
      fails = true;
    },
    async settle() {
      release();
      await Bun.sleep(1);
    },
  };
}

test("many changes of one person are one event to that person only, without any text", async () => {
  const { pages, settle, told } = world();
  for (let change = 0; change < 100; change += 1) pages.eventsChanged("ana");
  pages.eventsChanged("bo");
  pages.settingsChanged("ana");
  await settle();
  expect(told).toEqual(["calendar_changed {} ana", "calendar_changed {} bo", "calendar_settings {} ana"]);
  pages.eventsChanged("ana");
  await settle();
  expect(told).toHaveLength(4);
});

test("a server that refuses it stops nothing", async () => {
  const { fail, logged, pages, settle, told } = world();
  fail();
  pages.eventsChanged("ana");
  await settle();
  expect([told, logged]).toEqual([[], ["Open pages were not told of a change"]]);
});
