/** Teams and their channels for the sandbox: threads, edits, deletions, reactions. */

import React, { useState } from "react";
import { createRoot } from "react-dom/client";
import { Author, Bubble, Composer, htmlOf, type Message, textOf } from "./messages.tsx";
import { ask, me, useShown } from "./stage.ts";

interface Channel {
  readonly id: string;
  readonly name: string;
  readonly isArchived: boolean;
  readonly messages: readonly Message[];
}
interface Team {
  readonly id: string;
  readonly name: string;
  readonly members: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly Channel[];
}

function Window() {
  const { act, problem, value } = useShown<readonly Team[]>("/teams");
  const [chosen, setChosen] = useState("");
  const [by, setBy] = useState(me);
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  const all = (value ?? []).flatMap((team) => team.channels.map((channel) => ({ team, channel })));
  const here = all.find(({ channel }) => channel.id === chosen) ?? all.at(-1);
  if (!here) return <p className="empty">There is no team yet.</p>;
  const { channel, team } = here;
  const author = team.members.find(({ id }) => id === by)?.id ?? team.members[0]?.id ?? "";
  const on = (message: Message) => ({ channel: channel.id, message: message.id });
  const levers = [
    {
      label: "Edit",
      run(message: Message) {
        const text = prompt("The new text", textOf(message.body.content));
        if (text !== null) act(ask("/teams/edit", { ...on(message), html: htmlOf(text) }));
      },
    },
    { label: "Delete", run: (message: Message) => act(ask("/teams/delete", on(message))) },
    {
      label: "👍",
      run: (message: Message) => act(ask("/teams/react", { ...on(message), by: author, reaction: "👍" })),
    },
  ];
  const reply = { label: "Reply", run: setReplyTo };
  const repliesOf = (id: string) => channel.messages.filter(({ replyToId }) => replyToId === id);
  return (
    <main>
      <aside>
        <h1>Teams</h1>
        {(value ?? []).map(({ channels, id, name }) => (
          <React.Fragment key={id}>
            <h2>{name}</h2>
            <ul>
              {channels.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    aria-current={one.id === channel.id}
                    onClick={() => setChosen(one.id)}
                  >
                    {one.name}
                  </button>
                </li>
              ))}
            </ul>
          </React.Fragment>
        ))}
      </aside>
      <section aria-label="Messages">
        {problem && <p role="alert">{problem}</p>}
        <ol>
          {channel.messages
            .filter(({ eventDetail, replyToId }) => !replyToId && !eventDetail)
            .map((message) => (
              <Bubble key={message.id} message={message} levers={[reply, ...levers]}>
                <ol className="replies">
                  {repliesOf(message.id).map((each) => (
                    <Bubble key={each.id} message={each} levers={levers} />
                  ))}
                </ol>
              </Bubble>
            ))}
        </ol>
        <p>
          <button
            type="button"
            onClick={() => act(ask("/teams/archive", { channel: channel.id, on: !channel.isArchived }))}
          >
            {channel.isArchived ? "Restore the channel" : "Archive the channel"}
          </button>
        </p>
        <Author people={team.members} chosen={author} onChoose={setBy} />
        {replyTo && (
          <p>
            Reply to {replyTo.from?.user?.displayName}{" "}
            <button type="button" onClick={() => setReplyTo(null)}>
              Cancel
            </button>
          </p>
        )}
        <Composer
          onSend={({ html }) => {
            act(
              ask("/teams/messages", { channel: channel.id, by: author, html, replyTo: replyTo?.id ?? null }),
            );
            setReplyTo(null);
          }}
        />
      </section>
    </main>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Window />);
