import React, { useState } from "react";
import { api, type Post } from "./api.ts";
import { Markdown } from "./markdown.tsx";

interface Action {
  readonly id?: string;
  readonly name?: string;
  readonly type?: string;
  readonly style?: string;
  readonly options?: readonly { readonly text: string; readonly value: string }[];
}
interface Attachment {
  readonly title?: string;
  readonly text?: string;
  readonly color?: string;
  readonly fields?: readonly { readonly title: string; readonly value: string; readonly short?: boolean }[];
  readonly actions?: readonly Action[];
}

/** Message attachments with buttons and menus (components/post_view/message_attachments). */
export function Attachments({ post, own }: { post: Post; own: string }) {
  const attachments = post.props.attachments as readonly Attachment[] | undefined;
  const [problem, setProblem] = useState("");
  const press = (id: string, selected?: string) => {
    setProblem("");
    api(`/posts/${post.id}/actions/${encodeURIComponent(id)}`, {
      selected_option: selected ?? "",
    }).catch((error) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  if (!Array.isArray(attachments)) return null;
  return attachments.map((one: Attachment, index) => (
    <section
      // biome-ignore lint/suspicious/noArrayIndexKey: attachments have no other name.
      key={index}
      className="message-attachment"
      style={one.color ? { borderInlineStartColor: one.color } : undefined}
    >
      {one.title && <h2>{one.title}</h2>}
      {one.text && <Markdown text={one.text} own={own} />}
      {one.fields && one.fields.length > 0 && (
        <dl>
          {one.fields.map(({ short, title, value }) => (
            <div key={title} data-short={short === true}>
              <dt>{title}</dt>
              <dd>
                <Markdown text={value} own={own} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <div className="actions">
        {one.actions?.map(({ id, name, options, style, type }) => {
          // The web app leaves out actions without an id or a name.
          if (!id || !name) return null;
          if (type !== "select")
            return (
              <button key={id} type="button" data-style={style ?? "default"} onClick={() => press(id)}>
                {name}
              </button>
            );
          return (
            <select key={id} aria-label={name} value="" onChange={(event) => press(id, event.target.value)}>
              <option value="">{name}</option>
              {options?.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.text}
                </option>
              ))}
            </select>
          );
        })}
      </div>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  ));
}
