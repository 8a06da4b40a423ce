/** Only what the host's own classes lack. Colours are the host's variables, so dark themes follow. */
export const styles = `
.mc-console { color: var(--center-channel-color, #3d3c40); }
.mc-tabs { display: flex; flex-wrap: wrap; gap: 4px; margin: 0 0 16px; border-bottom: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .2); }
.mc-tabs [role=tab] { border: 0; background: none; color: inherit; padding: 10px 14px; font-weight: 600; border-bottom: 3px solid transparent; cursor: pointer; }
.mc-tabs [aria-selected=true] { border-bottom-color: var(--button-bg, #1c58d9); color: var(--button-bg, #1c58d9); }
.mc-console :focus-visible { outline: 2px solid var(--button-bg, #1c58d9); outline-offset: 2px; }
.mc-panel { padding: 20px 24px; background: var(--center-channel-bg, #fff); border: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .12); border-radius: 4px; }
.mc-panel[hidden] { display: none; }
.mc-panel h3 { margin: 0 0 4px; font-size: 18px; }
.mc-panel h4 { margin: 28px 0 8px; font-size: 15px; font-weight: 600; }
.mc-lead { margin: 0 0 20px; color: rgba(var(--center-channel-color-rgb, 61,60,64), .78); }
.mc-field::after { content: ""; display: table; clear: both; }
.mc-console .form-control, .mc-console select, .mc-console textarea { background: var(--center-channel-bg, #fff); color: inherit; }
.mc-row { display: flex; gap: 8px; align-items: center; }
.mc-row input[type=color] { flex: none; width: 40px; height: 34px; padding: 2px; }
.mc-yesno { border: 0; margin: 0; padding: 0; min-width: 0; }
.mc-problem { color: var(--error-text, #d24b4e); margin: 6px 0; }
.mc-good { color: var(--online-indicator, #1b7a50); margin: 6px 0; font-weight: 600; }
.mc-hint, .mc-console .help-text { color: rgba(var(--center-channel-color-rgb, 61,60,64), .75); }
.mc-note { margin: 6px 0 0; padding: 6px 10px; }
.mc-problems { padding-left: 20px; }
.mc-console .btn-link { border: 0; padding: 0; background: none; color: var(--link-color, #1c58d9); text-decoration: underline; cursor: pointer; }
.mc-table { border-collapse: collapse; width: 100%; margin: 8px 0; }
.mc-table th, .mc-table td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .12); overflow-wrap: anywhere; }
.mc-console details { margin: 12px 0; }
.mc-console summary { cursor: pointer; font-weight: 600; padding: 4px 0; }
.mc-console code, .mc-code { font-family: ui-monospace, Menlo, Consolas, monospace; background: rgba(var(--center-channel-color-rgb, 61,60,64), .08); color: inherit; padding: 1px 5px; border-radius: 3px; overflow-wrap: anywhere; }
pre.mc-code { padding: 10px; max-height: 320px; overflow: auto; white-space: pre-wrap; }
`;
