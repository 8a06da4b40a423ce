/**
 * Only the styles that the host's own classes lack. The System Console is always light; the colours are the host's
 * variables.
 */
export const styles = `
.mc-console { color: var(--center-channel-color, #3d3c40); }
.mc-tabs { display: flex; flex-wrap: wrap; gap: 4px; margin: 0 0 16px; border-bottom: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .2); }
.mc-tabs [role=tab] { border: 0; background: none; color: inherit; padding: 10px 14px; font-weight: 600; border-bottom: 3px solid transparent; cursor: pointer; }
.mc-tabs [aria-selected=true] { border-bottom-color: var(--button-bg, #1c58d9); }
.mc-console :focus-visible { outline: 2px solid var(--button-bg, #1c58d9) !important; outline-offset: 2px; }
.mc-panel { padding: 20px 24px; background: var(--center-channel-bg, #fff); border: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .12); border-radius: 4px; }
.mc-panel[hidden] { display: none; }
.mc-panel h2 { margin: 0 0 4px; font-size: 18px; }
.mc-console .mc-panel h3 { margin: 28px 0 8px; padding: 0; font-size: 15px; font-weight: 600; }
.mc-lead { margin: 0 0 20px; color: rgba(var(--center-channel-color-rgb, 61,60,64), .78); }
.mc-field::after { content: ""; display: table; clear: both; }
.mc-console .form-control, .mc-console select, .mc-console textarea { background: var(--center-channel-bg, #fff); color: inherit; }
.mc-console .form-control:disabled, .mc-console select:disabled, .mc-console textarea:disabled { background: rgba(var(--center-channel-color-rgb, 61,60,64), .08); cursor: not-allowed; }
.mc-row { display: flex; gap: 8px; align-items: center; }
.mc-row input[type=color] { flex: none; width: 40px; height: 34px; padding: 2px; }
.mc-yesno { border: 0; margin: 0; padding: 0; min-width: 0; }
.mc-problem { color: color-mix(in srgb, var(--error-text, #d24b4e) 75%, var(--center-channel-color, #3d3c40)); margin: 6px 0; }
.mc-needed { margin: 6px 0; padding-left: 8px; border-left: 3px solid #e0a100; }
.mc-good { margin: 6px 0; font-weight: 600; }
.mc-good:not(:empty)::before { content: "✓ "; }
.mc-certificates { margin: 6px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
.mc-rights { margin: 8px 0 12px; }
.mc-hint, .mc-console .help-text { color: rgba(var(--center-channel-color-rgb, 61,60,64), .75); }
.mc-note { margin: 6px 0 0; padding: 6px 10px; }
.mc-problems { padding-left: 20px; }
.mc-console .btn-link { border: 0; padding: 0; background: none; color: var(--link-color, #1c58d9); text-decoration: underline; cursor: pointer; }
.mc-console .btn-tertiary { color: color-mix(in srgb, var(--button-bg, #1c58d9) 60%, var(--center-channel-color, #3d3c40)); }
.mc-scroll { overflow-x: auto; }
.mc-table { border-collapse: collapse; width: 100%; margin: 8px 0; }
.mc-table th, .mc-table td { text-align: left; vertical-align: top; padding: 6px 10px 6px 0; border-bottom: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .12); overflow-wrap: break-word; }
.mc-table code { white-space: nowrap; }
.mc-id { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }
.mc-table td:last-child .btn { white-space: nowrap; }
.mc-table th:last-child, .mc-table td:last-child { padding-right: 0; }
.mc-box { margin: 12px 0; border: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .16); border-radius: 4px; }
.mc-box-head { display: flex; gap: 8px; align-items: center; width: 100%; padding: 10px 12px; border: 0; background: none; color: inherit; font-weight: 600; text-align: left; cursor: pointer; }
.mc-box-head::before { content: "▸"; width: 1em; flex: none; }
.mc-box-head[aria-expanded=true]::before { content: "▾"; }
.mc-box-body { padding: 4px 12px 12px; }
.mc-box-body[hidden] { display: none; }
.mc-console button, .mc-console input, .mc-console select, .mc-console textarea, .mc-console a, .mc-dialog, .mc-problem { scroll-margin: 80px 0; }
.mc-save-report { display: block !important; margin: 0 0 16px !important; padding: 12px 16px !important; scroll-margin: 80px 0; }
.mc-save-report p:last-child { margin: 0; }
.mc-console code, .mc-code { font-family: ui-monospace, Menlo, Consolas, monospace; background: rgba(var(--center-channel-color-rgb, 61,60,64), .08); color: inherit; padding: 1px 5px; border-radius: 3px; overflow-wrap: anywhere; }
pre.mc-code { padding: 10px; max-height: 320px; overflow: auto; white-space: pre-wrap; }
.mc-part { margin: 24px 0; }
.mc-dialog:focus { outline: none; }
.mc-dialog { padding: 16px; border: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .2); border-radius: 4px; margin: 8px 0; }
.mc-value { display: flex; gap: 10px; align-items: center; margin: 6px 0; flex-wrap: wrap; }
.mc-value-name { min-width: 190px; }
.mc-choice { border: 0; padding: 0; margin: 8px 0; }
.mc-choice legend { font-size: 14px; font-weight: 600; border: 0; margin: 0 0 4px; color: inherit; }
.mc-choice label { display: block; font-weight: 400; }
.mc-number { width: 80px; }
.mc-steps li { margin: 10px 0; }
.mc-steps .mc-hint { font-weight: 400; }
.mc-icons { display: flex; gap: 32px; flex-wrap: wrap; margin: 16px 0; }
.mc-icon { width: 260px; }
.mc-icon label { display: block; }
.mc-drop { display: grid; place-items: center; width: 112px; height: 112px; border: 2px dashed rgba(var(--center-channel-color-rgb, 61,60,64), .4); border-radius: 6px; margin: 4px 0 8px; }
.mc-over { border-color: var(--button-bg, #1c58d9); background: rgba(var(--button-bg-rgb, 28,88,217), .08); }
.mc-dark { background: #464775; }
.mc-hidden { position: absolute; width: 1px; height: 1px; opacity: 0; overflow: hidden; }
.mc-preview { display: grid; grid-template-columns: 72px minmax(0, 1fr); max-width: 560px; margin: 0 0 24px; border: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .2); border-radius: 6px; overflow: hidden; }
.mc-preview figcaption { grid-column: 1 / -1; padding: 6px 12px; font-size: 12px; border-top: 1px solid rgba(var(--center-channel-color-rgb, 61,60,64), .12); }
.mc-rail { background: #2d2c4a; color: #fff; padding: 12px 6px; display: flex; flex-direction: column; gap: 14px; align-items: center; }
.mc-rail-other { width: 24px; height: 24px; border-radius: 6px; background: rgba(255, 255, 255, .18); }
.mc-rail-app { display: flex; flex-direction: column; align-items: center; gap: 2px; max-width: 60px; }
.mc-rail-app small { max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-size: 10px; }
.mc-tab { padding: 12px; }
.mc-tab-head { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
.mc-tab-head img, .mc-card img { border-radius: 4px; }
.mc-card { display: flex; gap: 10px; margin: 14px 0 8px; padding: 10px; border-radius: 4px; background: rgba(var(--center-channel-color-rgb, 61,60,64), .06); }
.mc-state { display: inline-block; padding: 2px 8px; border-radius: 10px; font-size: 12px; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; }
.mc-state-ok { color: #1b7a50; } .mc-state-warning { color: #8a5a00; } .mc-state-problem { color: #b3261e; } .mc-state-unknown { color: #5b5b66; }
.mc-state-ok::before { content: "✓ "; } .mc-state-warning::before { content: "! "; } .mc-state-problem::before { content: "✕ "; } .mc-state-unknown::before { content: "? "; }
.mc-state { background: #fff; }
.mc-cure { margin-top: 4px; }
.mc-checks th[scope=row] { font-weight: 600; width: 170px; }
.mc-checks td:first-child { width: 110px; }
@media (prefers-reduced-motion: no-preference) { .mc-drop { transition: border-color .15s; } }
`;
