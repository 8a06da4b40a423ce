import React from "react";

/** Outlines on a 24×24 grid. */
const paths: Record<string, string> = {
  bell: "M12 4a5 5 0 0 1 5 5v3.5l1.6 3.2a.8.8 0 0 1-.7 1.1H6.1a.8.8 0 0 1-.7-1.1L7 12.5V9a5 5 0 0 1 5-5Zm-2 14a2 2 0 0 0 4 0",
  chat: "M5 5h14v10H10l-4 4v-4H5Z",
  channels: "M8 5h8v14H8ZM4 9h4v8H4ZM16 9h4v8h-4ZM11 9h2M11 13h2",
  calendar: "M5 6h14v13H5ZM5 10h14M9 4v4M15 4v4",
  apps: "M5 5h5v5H5ZM14 5h5v5h-5ZM5 14h5v5H5ZM16.5 14v5M14 16.5h5",
  theme: "M12 4a8 8 0 1 0 8 8 6 6 0 0 1-8-8Z",
  settings: "M4 7h9M17 7h3M4 12h3M11 12h9M4 17h9M17 17h3M15 5v4M9 10v4M15 15v4",
};

export function Icon({ name }: { name: string }) {
  return (
    <svg
      width="24"
      height="24"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinejoin="round"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <path d={paths[name] ?? ""} />
    </svg>
  );
}
