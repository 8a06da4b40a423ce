import type * as React from "react";

export interface PageProps {
  /** Renders the fields of these settings, in this order, except those that the host does not show. */
  readonly fields: (...keys: string[]) => React.ReactNode;
}
