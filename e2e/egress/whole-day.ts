/**
 * Runs a day with every feature on, in the built executable between the stand-ins: people sign in, connect, write in
 * chats and linked channels, get invited, get refused, and leave. Each planted text contains a mark, so that a test
 * can find every place that the text reached.
 */

import { everything, giveConsent } from "../sandbox/consent.ts";
import { until } from "../until.ts";
import { administrate, leave, sendRefused } from "./day-of-administration.ts";
import { attendMeetings } from "./day-of-meetings.ts";
import { writeInChannels, writeInChats } from "./day-of-messages.ts";
import { type Actor, marks, type RecordedDay } from "./recorded-day.ts";

export async function liveWholeDay(day: RecordedDay): Promise<void> {
  const { graph, registration, scene, tenant } = day.sandbox;
  const appId = registration?.app.appId ?? "";
  giveConsent(tenant, appId, everything);
  graph.subscriptions.retryScale = 0.01;
  day.secrets.set("client secret", registration?.secret ?? "");
  await day.save({
    ...{ chats_enabled: true, chats_reply: true, channels_enabled: true, calendar_enabled: true },
    ...{ notification_url: day.notificationUrl, calendar_admin_log_level: "debug" },
  });
  // The plugin leaves the status of an offline person alone.
  day.sandbox.world.setStatus(scene.alex.user.Id, "online");
  const alex = day.actor("alex", scene.alex);
  const sam = day.actor("sam", scene.sam);
  const robot = tenant.addPerson({ displayName: "Bridge", userPrincipalName: "bridge@harbor.example" });
  await until(
    async () => (await day.ask(alex, "GET", "/oauth2/connect")).status === 302,
    "connecting is possible",
  );
  await signIn(day, alex);
  for (const one of [alex, sam]) await connect(day, one);
  await connect(day, sam, { as: robot, how: "?account=bot" });
  await writeInChats(day, alex);
  await writeInChannels(day, alex, sam, robot);
  await attendMeetings(day, alex);
  await sendRefused(day, alex);
  await administrate(day, sam);
  await leave(day, alex);
}

async function signIn(day: RecordedDay, alex: Actor): Promise<void> {
  const { entra, registration } = day.sandbox;
  if (!registration) throw new Error("no registration");
  await day.ask(null, "GET", "/tab");
  for (const kind of ["good", "expired", "other audience", "changed after signing", "garbage"] as const) {
    const token = entra.tabToken(registration.app, alex.person, { kind });
    if (token.length > 20) day.secrets.set(`tab token, ${kind}`, token);
    await day.ask(null, "POST", "/api/v1/session", { token });
  }
}

async function connect(day: RecordedDay, one: Actor, { as = one.person, how = "" } = {}): Promise<void> {
  const begun = await day.ask(one, "GET", `/oauth2/connect${how}`);
  const location = /^location: (.*)$/m.exec(begun.text)?.[1] ?? "";
  const back = day.sandbox.entra.signIn(location, as);
  // First a forged state, then the real one, then the same once more.
  await day.ask(one, "GET", `/oauth2/complete?code=${marks.refusal}&state=${"x".repeat(43)}`);
  const done = await day.ask(one, "GET", back.slice(day.base.length));
  if (done.status !== 200) throw new Error(`${one.name} could not connect: ${done.status}`);
  await day.ask(one, "GET", back.slice(day.base.length));
  await day.ask(
    one,
    "GET",
    `/oauth2/complete?error=access_denied&error_description=${marks.refusal}&state=x`,
  );
}
