import React, { useEffect, useRef, useState } from "react";
import { api } from "./api.ts";
import type { Session } from "./data.ts";

interface Field {
  readonly display_name: string;
  readonly name: string;
  readonly type: string;
  readonly subtype?: string;
  readonly sub_type?: string;
  readonly default?: string;
  readonly placeholder?: string;
  readonly help_text?: string;
  readonly optional?: boolean;
  readonly max_length?: number;
  readonly data_source?: string;
  readonly options?: readonly { readonly text: string; readonly value: string }[] | null;
}
interface Request {
  readonly url: string;
  readonly dialog: {
    readonly callback_id: string;
    readonly title: string;
    readonly introduction_text?: string;
    readonly submit_label?: string;
    readonly state: string;
    readonly elements: readonly Field[] | null;
  };
}

/**
 * The web app's interactive dialog (components/interactive_dialog): the server opens it and receives its submission.
 */
export function InteractiveDialog({ session, channelId }: { session: Session; channelId: string }) {
  const [request, setRequest] = useState<Request | null>(null);
  const [values, setValues] = useState<Record<string, string | boolean>>({});
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [error, setError] = useState("");
  const element = useRef<HTMLDialogElement>(null);
  const subscribe = useRef(session.onEvent);
  subscribe.current = session.onEvent;
  useEffect(
    () =>
      subscribe.current(({ data, event }) => {
        if (event !== "open_dialog") return;
        const opened = JSON.parse(String(data.dialog)) as Request;
        setRequest(opened);
        setErrors({});
        setError("");
        setValues(
          Object.fromEntries(
            (opened.dialog.elements ?? []).map(({ name, type, default: initial = "" }) => [
              name,
              type === "bool" ? initial === "true" : initial,
            ]),
          ),
        );
      }),
    [],
  );
  useEffect(() => {
    if (request) element.current?.showModal();
  }, [request]);
  if (!request) return null;
  const { dialog, url } = request;
  const submit = async () => {
    // The client itself refuses an empty field that is not optional.
    const empty = (dialog.elements ?? []).filter(
      ({ name, optional, type }) => !optional && type !== "bool" && values[name] === "",
    );
    if (empty.length > 0)
      return setErrors(Object.fromEntries(empty.map(({ name }) => [name, "This field is required."])));
    const answer = await api<{ errors?: Record<string, string>; error?: string }>("/actions/dialogs/submit", {
      url,
      callback_id: dialog.callback_id,
      state: dialog.state,
      channel_id: channelId,
      team_id: session.teams[0]?.id ?? "",
      submission: values,
      cancelled: false,
    }).catch((failure) => ({ error: failure instanceof Error ? failure.message : String(failure) }));
    const wrong = "errors" in answer ? (answer.errors ?? {}) : {};
    setErrors(wrong);
    setError(answer.error ?? "");
    if (!answer.error && Object.keys(wrong).length === 0) setRequest(null);
  };
  return (
    <dialog
      ref={element}
      className="interactive-dialog"
      aria-label={dialog.title}
      onClose={() => setRequest(null)}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <h1>{dialog.title}</h1>
        {dialog.introduction_text && <p>{dialog.introduction_text}</p>}
        {error && (
          <p className="problem" role="alert">
            {error}
          </p>
        )}
        {dialog.elements?.map((field) => (
          <FormField
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            error={errors[field.name]}
            people={[...session.users.values()].map(({ id, username }) => ({ text: username, value: id }))}
            onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
          />
        ))}
        <footer>
          <button type="button" onClick={() => setRequest(null)}>
            Cancel
          </button>
          <button type="submit" className="primary">
            {dialog.submit_label || "Submit"}
          </button>
        </footer>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly field: Field;
  readonly value: string | boolean;
  readonly error: string | undefined;
  readonly people: readonly { readonly text: string; readonly value: string }[];
  onChange(value: string | boolean): void;
}

function FormField({ error, field, onChange, people, value }: FieldProps) {
  const id = `dialog_${field.name}`;
  const options = field.data_source === "users" ? people : (field.options ?? []);
  const described = { id, "aria-describedby": `${id}_help`, "aria-invalid": error !== undefined };
  return (
    <div className="dialog-field">
      {field.type === "bool" ? (
        <label>
          <input
            {...described}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
          />
          {field.display_name}
        </label>
      ) : (
        <>
          <label htmlFor={id}>
            {field.display_name}
            {field.optional && " (optional)"}
          </label>
          {field.type === "textarea" ? (
            <textarea
              {...described}
              value={String(value)}
              onChange={(event) => onChange(event.target.value)}
            />
          ) : field.type === "select" || field.type === "radio" ? (
            <select {...described} value={String(value)} onChange={(event) => onChange(event.target.value)}>
              <option value="">{field.placeholder ?? ""}</option>
              {options.map((option) => (
                <option key={option.value} value={option.value}>
                  {option.text}
                </option>
              ))}
            </select>
          ) : (
            <input
              {...described}
              type={field.sub_type || field.subtype || "text"}
              value={String(value)}
              placeholder={field.placeholder}
              {...(field.max_length ? { maxLength: field.max_length } : {})}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </>
      )}
      <small id={`${id}_help`}>{error ? <b role="alert">{error}</b> : field.help_text}</small>
    </div>
  );
}
