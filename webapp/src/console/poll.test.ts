import { expect, test } from "bun:test";
import { Refusal } from "./api.ts";
import { pollEvery } from "./poll.ts";

test("a look that fails is repeated; a refusal ends the polling", async () => {
  const answers = [
    () => Promise.reject(new TypeError("network")),
    () => Promise.reject(new Refusal({ code: "microsoft_unreachable" }, 502)),
    () => Promise.resolve(),
    () => Promise.reject(new Refusal({ code: "sign_in_unknown" }, 404)),
    () => Promise.reject(new Error("asked again")),
  ];
  const ended: Error[] = [];
  let looks = 0;
  const stop = pollEvery(
    1,
    () => answers[looks++]?.() ?? Promise.resolve(),
    (error) => void ended.push(error),
  );
  await Bun.sleep(60);
  stop();
  expect(looks).toBe(4);
  expect(ended).toMatchObject([{ code: "sign_in_unknown" }]);
});
