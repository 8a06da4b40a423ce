// Checks that a test covers every scenario that we support: either a calendar test with the letter and number in its
// name, or a test of the room that does the work.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { root } from "../../../build/architecture.ts";

/** Without those that `elsewhere` names. */
const named = `
A1 A2 A3 A4 A5 A6 A8 A9 A10 A11 A13 A15 A18 A19 A20 A21 A23 A25 A26 A28 A30 A34 A35 A39 A40 A43 A44 A45 A46 A49 A50
A52 A54 A58 A60
B1 B2 B8 B10 B11 B12 B13 B14 B16 B17 B20 B21 B22 B25 B27
C1 C2 C3 C4 C5 C6 C8 C10 C11 C12 C14 C15 C18 C19
D1 D2 D3 D4 D5 D6 D7 D8 D9 D11 D12 D14 D15 D31
E1 E2 E3 E4 E5 E6 E7 E8 E9 E11 E13 E14 E15
F1 F2 F3 F4 F6 F7 F8 F9 F11 F13 F16 F18 F19
G7 G13
I1 I3 I4 I6 I9 I11 I12 I13 I14
J1 J2 J3 J7 J9 J12`
  .trim()
  .split(/\s+/);

const connections = "server/people/connections";
const subscriptions = "server/microsoft/subscriptions";
const elsewhere: Readonly<Record<string, readonly [file: string, test: string]>> = {
  D18: [
    `${subscriptions}/incoming/webhook-entries.test.ts`,
    "an entry is dropped and counted, and the entry beside it is delivered",
  ],
  D20: [`${subscriptions}/incoming/webhook-entries.test.ts`, "forgeries of the fake Graph are dropped"],
  D21: [
    `${subscriptions}/incoming/webhook-entries.test.ts`,
    "an entry is dropped and counted, and the entry beside it is delivered",
  ],
  D22: [`${subscriptions}/incoming/webhook.test.ts`, "refuses a body"],
  D23: [
    `${subscriptions}/incoming/webhook.test.ts`,
    "returns the decoded token as plain text, and nothing else",
  ],
  D24: [
    "e2e/nodes/calendar-events.test.ts",
    "a burst of 2,000 changes, each delivered twice, is 2,000 cards",
  ],
  D25: [`${subscriptions}/lifecycle/life.test.ts`, "a request to reauthorize causes one renewal"],
  D28: [`${subscriptions}/lifecycle/life.test.ts`, "is renewed at half its life, and only then"],
  E17: ["e2e/nodes/calendar-events.test.ts", "a meeting from Mattermost: invitation, answer on the card"],
  F15: [
    "e2e/specs/calendar-form.pw.ts",
    "a form that is opened from a post has its text, a link back, and the people of its thread",
  ],
  G1: [`${connections}/flow/code-flow.test.ts`, "redirects to Entra and back to a page that confirms it"],
  G2: [`${connections}/connecting.test.ts`, "a state works once"],
  G3: [`${connections}/attacks.test.ts`, "a code of a flow with a challenge of the attacker"],
  G4: [
    `${connections}/connecting.test.ts`,
    "of two people who connect one Microsoft account at the same moment, one gets it",
  ],
  G6: [`${connections}/attacks-accounts.test.ts`, "consent_required"],
  G8: [`${connections}/disconnect.test.ts`, "nothing of the person is left"],
  G9: [`${connections}/invitations/invitations.test.ts`, "is one message with a link to connect"],
  G14: ["server/features/calendar/day/day.test.ts", "a person outside the access policy is read with"],
  G16: [
    "e2e/nodes/subpath.test.ts",
    "connect, webhook, cards, dialogs, panel and links work below a sub-path",
  ],
  I2: ["server/platform/commands/command.test.ts", "a command for admins is neither offered to others"],
  I15: ["e2e/specs/calendar-sidebar.pw.ts", "a change in Outlook arrives over the web socket"],
  I17: ["e2e/specs/calendar-sidebar.pw.ts", "keyboard alone: through the events, into one, an answer"],
};

const texts = new Map<string, string>();
for (const pattern of [
  "server/features/calendar/**/*.test.ts",
  "e2e/nodes/calendar*.test.ts",
  "e2e/specs/calendar*.ts",
])
  for (const path of new Glob(pattern).scanSync(root))
    if (!path.endsWith("scenarios.test.ts")) texts.set(path, await Bun.file(join(root, path)).text());
const titles = [...texts.values()].flatMap((text) =>
  [...text.matchAll(/test\(\s*["`](.+)["`],/g)].map(([, title]) => title),
);

test("covers each scenario by a test with its name, or by one in the room that does it", async () => {
  const missing = named.filter((id) => !titles.some((title) => new RegExp(`\\b${id}\\b`).test(title ?? "")));
  expect(missing).toEqual([]);
  for (const [id, [path, title]] of Object.entries(elsewhere)) {
    const text = await Bun.file(join(root, path)).text();
    expect([id, text.includes(title)]).toEqual([id, true]);
  }
  expect(named.filter((id) => id in elsewhere)).toEqual([]);
});
