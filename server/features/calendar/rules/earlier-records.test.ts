import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readEarlierRecords } from "./earlier-records.ts";

const md5 = (name: string) => createHash("md5").update(name).digest("hex");
const line = (key: string, value: unknown) =>
  JSON.stringify({
    key,
    value: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64"),
  });
const user = (id: string, different: object = {}) =>
  line(`user_${md5(id)}`, {
    MattermostUserID: id,
    Remote: { id: `oid-${id}`, mail: `${id}@example.com` },
    OAuth2Token: {
      access_token: `access-${id}`,
      token_type: "Bearer",
      refresh_token: `refresh-${id}`,
      expiry: "2026-06-15T07:00:00Z",
    },
    mattermostSettings: { UpdateStatusFromOptions: "Away" },
    ...different,
  });
const index = (...ids: string[]) =>
  line(
    "userindex_",
    ids.map((id) => ({ mm_id: id, remote_id: `oid-${id}` })),
  );
const codes = (...lines: string[]) => readEarlierRecords(lines).problems;

describe("the store of the earlier plugin", () => {
  test("J1, J3, J9: yields people with their tokens, links of all members, and subscriptions", () => {
    const { people, links, subscriptions, problems } = readEarlierRecords([
      index("sam", "max"),
      user("sam", { linkedEvents: { ical1: "ch1" } }),
      user("max", { OAuth2Token: null, linkedEvents: { ical1: "ch2", ical2: "ch1" } }),
      line(`mmuid_${md5("oid-sam")}`, "sam"),
      line(`sub_${md5("s1")}`, { Remote: { id: "s1", clientState: "x" }, MattermostCreatorID: "sam" }),
      line(`ev_${md5("metadata_ical1")}`, { LinkedChannelIDs: { ch1: {}, ch3: {} } }),
      line(`ev_${md5("sam_ical1")}`, { Remote: { subject: "x" } }),
      line(`welcome_${md5("sam")}`, '"post1"'),
      line("cron_status_sync", "1"),
      "",
    ]);
    expect(people.map(({ person, tokens }) => [person.mattermostUserId, person.status, tokens])).toEqual([
      [
        "sam",
        "away",
        { accessToken: "access-sam", refreshToken: "refresh-sam", expiry: "2026-06-15T07:00:00Z" },
      ],
      ["max", "away", null],
    ]);
    expect(links).toEqual([
      { iCalUId: "ical1", channelIds: ["ch1", "ch2", "ch3"] },
      { iCalUId: "ical2", channelIds: ["ch1"] },
    ]);
    expect(subscriptions).toEqual([{ id: "s1", mattermostUserId: "sam" }]);
    expect(problems).toEqual([]);
  });

  test("J7: reports a person in the index without a record, and keeps a record that is not in the index", () => {
    const { people, problems } = readEarlierRecords([index("sam"), user("max")]);
    expect(people.map(({ person }) => person.mattermostUserId)).toEqual(["max"]);
    expect(problems).toEqual([
      { code: "person_without_record", line: 0, mattermostUserId: "sam" },
      { code: "person_not_in_index", line: 0, mattermostUserId: "max" },
    ]);
    expect(codes(user("max"))).toEqual([]);
  });

  test("keeps the first of two people with one mailbox", () => {
    const { people, problems } = readEarlierRecords([
      user("sam"),
      user("max", { Remote: { id: "oid-sam" } }),
    ]);
    expect(people.length).toBe(1);
    expect(problems).toEqual([{ code: "mailbox_twice", line: 2, mattermostUserId: "max" }]);
  });

  for (const [name, text, code] of [
    ["no JSON", "{", "line_unreadable"],
    ["no object", "7", "line_unreadable"],
    ["no value", '{"key":"user_x"}', "line_unreadable"],
    ["a value that is not base64", '{"key":"user_x","value":"***"}', "line_unreadable"],
    ["a record that is cut off", line("user_x", '{"MattermostUserID":'), "line_unreadable"],
    ["a record of nobody", line(`user_${md5("")}`, {}), "record_unreadable"],
    [
      "a record under another person's key",
      line(`user_${md5("max")}`, { MattermostUserID: "sam", Remote: { id: "o" } }),
      "record_unreadable",
    ],
    ["an index that is none", line("userindex_", { sam: 1 }), "record_unreadable"],
    ["a subscription of nobody", line(`sub_${md5("s1")}`, { Remote: { id: "s1" } }), "record_unreadable"],
  ] as const)
    test(`${name}: reported by its line, and the next is read`, () => {
      const { people, problems } = readEarlierRecords([text, user("sam")]);
      expect(people.length).toBe(1);
      expect(problems).toEqual([{ code, line: 1 }]);
    });

  test("repeats no text and no token of a record in its problems", () => {
    const secret = {
      OAuth2Token: "SecretWord",
      linkedEvents: "SecretWord",
      Remote: { id: "", mail: "SecretWord" },
    };
    expect(
      JSON.stringify(codes(user("sam", secret), "SecretWord", line("sub_x", "SecretWord"))),
    ).not.toContain("SecretWord");
  });
});
