/** A part that opens and closes. It is a button and not `<details>`, because the web app styles every summary. */

import * as React from "react";

export interface BoxProps {
  readonly title: string;
  /** The `data-part` attribute, for tests and for links to this part. */
  readonly part?: string;
  readonly onOpen?: () => void;
  readonly children: React.ReactNode;
}

export function Box({ title, part, onOpen, children }: BoxProps): React.ReactElement {
  const [open, setOpen] = React.useState(false);
  const toggle = () => {
    setOpen(!open);
    if (!open) onOpen?.();
  };
  return (
    <div className="mc-box" data-box="" data-part={part}>
      <button type="button" className="mc-box-head" aria-expanded={open} onClick={toggle}>
        {title}
      </button>
      {/* Closed parts stay mounted, because their fields publish what was typed there. */}
      <div className="mc-box-body" hidden={!open}>
        {children}
      </div>
    </div>
  );
}
