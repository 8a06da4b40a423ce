import { expect, test } from "bun:test";
import { openPages } from "./open-pages.ts";

function world() {
  const sent: string[] = [];
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
        sent.push(`${event} ${JSON.stringify(data)} ${broadcast?.UserId}`);
      },
    },
    log: { info: (message) => void logged.push(message) },
    sleep: () => wait,
  });
  return {
    ...{ pages, sent, logged },
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
  const { pages, settle, sent } = world();
  for (let change = 0; change < 100; change += 1) pages.eventsChanged("ana");
  pages.eventsChanged("bo");
  pages.settingsChanged("ana");
  await settle();
  expect(sent).toEqual(["calendar_changed {} ana", "calendar_changed {} bo", "calendar_settings {} ana"]);
  pages.eventsChanged("ana");
  await settle();
  expect(sent).toHaveLength(4);
});

test("a server that refuses it stops nothing", async () => {
  const { fail, logged, pages, settle, sent } = world();
  fail();
  pages.eventsChanged("ana");
  await settle();
  expect([sent, logged]).toEqual([[], ["Open pages did not learn of a change"]]);
});
