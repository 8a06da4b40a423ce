import type { DialogProps } from "../host/dialog.tsx";

/** The properties of the dialog's frame, which every state of the dialog uses. */
export type Frame = Pick<DialogProps, "title" | "close" | "rightToLeft" | "onClose">;
