import { afterAll, beforeEach, expect, test } from "bun:test";
import { checkDraft, currentDraft, freshDraft, refreshDraft, watchDraft } from "./draft.ts";
import { publish } from "./live.ts";

const { fetch } = globalThis;
type Answer = { readonly name: string; give(): void; fail(): void };
const asked: Answer[] = [];

Object.assign(globalThis, { window: { basename: "" }, document: { cookie: "" } });
globalThis.fetch = ((_url: string, { body }: { body: string }) => {
  const { promise, reject, resolve } = Promise.withResolvers<Response>();
  const name = String(JSON.parse(body).settings.app_name);
  asked.push({
    name,
    give: () => resolve(Response.json({ name, problems: [], warnings: [], package: { problems: [] } })),
    fail: () => reject(new TypeError("network")),
  });
  return promise;
}) as unknown as typeof fetch;
afterAll(() => {
  globalThis.fetch = fetch;
  for (const name of ["window", "document"]) Reflect.deleteProperty(globalThis, name);
});
beforeEach(() => void asked.splice(0));

const type = (value: string) => publish("app_name", { value, saved: "", change() {} });
const shown = () => (currentDraft() as unknown as { name: string } | null)?.name;

test("an answer about older values does not replace a newer one", async () => {
  type("old");
  const saving = checkDraft();
  type("new");
  refreshDraft();
  asked[1]?.give();
  await Bun.sleep(5);
  asked[0]?.give();
  await saving;
  expect(shown()).toBe("new");
});

test("values that could not be checked are not taken for checked", async () => {
  type("first");
  const first = checkDraft();
  asked[0]?.give();
  await first;
  type("second");
  const saving = checkDraft();
  asked[1]?.fail();
  await expect(saving).rejects.toThrow("network");
  const again = freshDraft();
  asked[2]?.give();
  expect((await again) as unknown).toMatchObject({ name: "second" });
});

test("a server that does not answer is not asked again at once, but after a pause", async () => {
  const end = watchDraft();
  type("third");
  await Bun.sleep(400);
  asked[0]?.fail();
  await Bun.sleep(1_000);
  expect(asked).toHaveLength(1);
  await Bun.sleep(4_500);
  expect(asked.map(({ name }) => name)).toEqual(["third", "third"]);
  end();
  asked[1]?.fail();
  await Bun.sleep(5_500);
  expect(asked).toHaveLength(2);
}, 30_000);
