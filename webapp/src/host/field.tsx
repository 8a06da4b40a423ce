/** A field of a form with its name, its help, and what is wrong with it, told to screen readers with the field. */

import * as React from "react";

export interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  /** What the field's element takes. */
  readonly children: (given: {
    readonly id: string;
    readonly "aria-invalid": boolean;
    readonly "aria-describedby": string | undefined;
  }) => React.ReactNode;
}

export function Field({ children, error, help, id, label }: FieldProps): React.ReactElement {
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ");
  return (
    <div className="mc-form-field">
      <label htmlFor={id}>{label}</label>
      {children({ id, "aria-invalid": error !== undefined, "aria-describedby": described || undefined })}
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
  const described = [error && `${id}-error`, help && `${id}-help`].filter(Boolean).join(" ");
  return (
    <fieldset className="mc-form-field" aria-describedby={described || undefined}>
      <legend>{label}</legend>
      {children}
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
    </fieldset>
  );
}
