/** A simple Teams chat window for the sandbox: people write, edit and delete, and answers appear. */

import React, { useState } from "react";
import { createRoot } from "react-dom/client";
import { Author, Bubble, Composer, htmlOf, type Message, textOf } from "./messages.tsx";
import { ask, me, useShown } from "./stage.ts";

interface Person {
  readonly id: string;
  readonly name: string;
  readonly presence: string;
}
interface Chat {
  readonly id: string;
  readonly chatType: string;
  readonly topic: string | null;
  readonly members: readonly { readonly id: string; readonly name: string }[];
  readonly messages: readonly Message[];
}
interface State {
  readonly people: readonly Person[];
  readonly chats: readonly Chat[];
}

const KINDS: Readonly<Record<string, string>> = { oneOnOne: "", group: "group", meeting: "meeting" };
const STATES = ["Offline", "Away", "Available", "AvailableIdle", "Busy", "DoNotDisturb"];

function Window() {
  const { act, problem, value } = useShown<State>("/chats");
  const [chosen, setChosen] = useState("");
  const [by, setBy] = useState(me);
  if (!value) return null;
  const chats = me === "" ? value.chats : value.chats.filter(({ members }) => members.some(isMe));
  const chat = chats.find(({ id }) => id === chosen) ?? chats[0];
  const authors = chat?.members ?? [];
  const author = authors.find(({ id }) => id === by)?.id ?? authors[0]?.id ?? "";
  const on = (message: Message) => ({ chat: chat?.id, message: message.id });
  const edit = (message: Message) => {
    const text = prompt("The new text", textOf(message.body.content));
    if (text !== null) act(ask("/chats/edit", { ...on(message), html: htmlOf(text) }));
  };
  const levers = [
    { label: "Edit", run: edit },
    { label: "Delete", run: (message: Message) => act(ask("/chats/delete", on(message))) },
    { label: "Block by policy", run: (message: Message) => act(ask("/chats/block", on(message))) },
  ];
  return (
    <main>
      <aside>
        <h1>Chats</h1>
        <ul>
          {chats.map((one) => (
            <li key={one.id}>
              <button type="button" aria-current={one.id === chat?.id} onClick={() => setChosen(one.id)}>
                {nameOf(one)} <small>{KINDS[one.chatType]}</small>
              </button>
            </li>
          ))}
        </ul>
        <NewChat people={value.people} onMade={(work) => act(work.then(({ id }) => setChosen(id)))} />
        <h2>Presence</h2>
        <ul>
          {value.people.map(({ id, name, presence }) => (
            <li key={id}>
              <label>
                {name}
                <select
                  value={presence}
                  onChange={({ target }) =>
                    act(ask("/chats/presence", { person: id, availability: target.value }))
                  }
                >
                  {STATES.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </select>
              </label>
            </li>
          ))}
        </ul>
      </aside>
      <section aria-label="Messages">
        {problem && <p role="alert">{problem}</p>}
        <ol>
          {chat?.messages.map((message) => (
            <Bubble key={message.id} message={message} levers={levers} />
          ))}
        </ol>
        {chat && (
          <>
            <Author people={authors} chosen={author} onChoose={setBy} />
            <Composer
              files
              onSend={(message) => act(ask("/chats/messages", { chat: chat.id, by: author, ...message }))}
            />
          </>
        )}
      </section>
    </main>
  );
}

const isMe = ({ id }: { id: string }) => id === me;

/** Like Teams, names a chat without a topic by its other members. */
const nameOf = ({ members, topic }: Chat) =>
  topic ??
  members
    .filter((member) => !isMe(member))
    .map(({ name }) => name)
    .join(", ");

function NewChat({
  onMade,
  people,
}: {
  people: readonly Person[];
  onMade: (work: Promise<{ id: string }>) => void;
}) {
  const [members, setMembers] = useState<ReadonlySet<string>>(new Set());
  const [topic, setTopic] = useState("");
  const toggle = (id: string) => {
    const next = new Set(members);
    if (!next.delete(id)) next.add(id);
    setMembers(next);
  };
  const make = (kind: "chat" | "meeting") => {
    onMade(ask("/chats", { kind, people: [...members], topic }));
    setMembers(new Set());
    setTopic("");
  };
  return (
    <details>
      <summary>New chat</summary>
      {people.map(({ id, name }) => (
        <label key={id}>
          <input type="checkbox" checked={members.has(id)} onChange={() => toggle(id)} /> {name}
        </label>
      ))}
      <input
        aria-label="Topic"
        placeholder="Topic"
        value={topic}
        onChange={({ target }) => setTopic(target.value)}
      />
      <button type="button" disabled={members.size < 2} onClick={() => make("chat")}>
        Chat
      </button>
      <button type="button" disabled={members.size < 2} onClick={() => make("meeting")}>
        Meeting
      </button>
    </details>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Window />);
