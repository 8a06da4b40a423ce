/** A form field with its label, help and error, which screen readers read together. */

import * as React from "react";

export interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  /** Attributes for the field's element. */
  readonly children: (given: {
    readonly id: string;
    readonly "aria-invalid": boolean;
    readonly "aria-describedby": string | undefined;
  }) => React.ReactNode;
}

export function Field({ children, error, help, id, label }: FieldProps): React.ReactElement {
  return (
    <div className="mc-form-field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        "aria-invalid": error !== undefined,
        "aria-describedby": describedBy({ error, help, id }),
      })}
      <Notes id={id} error={error} help={help} />
    </div>
  );
}

/** The same for several elements of one question. */
export function Group({
  children,
  error,
  help,
  id,
  label,
}: Omit<FieldProps, "children"> & { children: React.ReactNode }) {
  return (
    <fieldset className="mc-form-field" aria-describedby={describedBy({ error, help, id })}>
      <legend>{label}</legend>
      {children}
      <Notes id={id} error={error} help={help} />
    </fieldset>
  );
}

type NotesProps = Pick<FieldProps, "id" | "error" | "help">;

function describedBy({ error, help, id }: NotesProps): string | undefined {
  return [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ") || undefined;
}

function Notes({ error, help, id }: NotesProps): React.ReactElement {
  return (
    <>
      {error && (
        <p id={`${id}-error`} className="mc-error">
          {error}
        </p>
      )}
      {help && (
        <p id={`${id}-help`} className="mc-help">
          {help}
        </p>
      )}
    </>
  );
}
