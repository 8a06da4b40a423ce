/** An error for input with invalid fields: a code for each field, never what the person wrote. */

import { errors } from "../../platform/shared-errors.ts";

export type FieldCodes = Readonly<Record<string, string>>;

export class FieldErrors extends Error {
  override readonly name = "FieldErrors";
  readonly fields: FieldCodes;

  constructor(fields: FieldCodes) {
    super(`fields: ${Object.keys(fields).join(", ")}`);
    this.fields = fields;
  }
}

/** `{"code", "message", "requestId", "errors": {"subject": "subject_empty"}}` */
export function fieldsResponse({ fields }: FieldErrors, requestId: string): Response {
  const { says, status } = errors.event_fields;
  return Response.json({ code: "event_fields", message: says, requestId, errors: fields }, { status });
}
