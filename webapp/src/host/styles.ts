/**
 * Styles that the features share. The colours are the web app's own variables, so light, dark and custom themes fit.
 */
export const styles = `
.mc-dialog-window { width: min(600px, calc(100vw - 24px)); max-height: calc(100vh - 24px); padding: 0; border: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .16); border-radius: 12px; color: var(--center-channel-color, #3f4350); background: var(--center-channel-bg, #fff); font-size: 14px; line-height: 20px; }
.mc-dialog-window::backdrop { background: rgba(0, 0, 0, .64); }
.mc-dialog-form { display: flex; flex-direction: column; max-height: calc(100vh - 26px); margin: 0; }
.mc-dialog-head { display: flex; align-items: start; justify-content: space-between; gap: 16px; padding: 24px 32px 8px; }
.mc-dialog-form h1 { margin: 0; font-size: 22px; line-height: 28px; font-weight: 600; }
.mc-dialog-body { overflow-y: auto; padding: 8px 32px; }
.mc-dialog-foot { display: flex; flex-wrap: wrap; gap: 8px; justify-content: flex-end; align-items: center; padding: 16px 32px 24px; }
.mc-dialog-foot [role=alert] { flex: 1 1 100%; }
.mc-form-field { display: block; margin: 0 0 16px; border: 0; padding: 0; min-width: 0; }
.mc-form-field > label:not(.mc-check, .mc-pair), .mc-form-field > legend { display: block; margin: 0 0 4px; border: 0; font-size: 14px; font-weight: 600; color: inherit; }
.mc-pair { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.mc-check { display: flex; gap: 8px; align-items: baseline; margin: 0 0 8px; font-weight: 400; }
label.mc-pair { margin: 0; font-weight: 400; }
.mc-form-field > label.mc-pair { margin: 0 0 8px; }
.mc-check input { margin: 0; }
.mc-input { width: 100%; padding: 8px 12px; border: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .32); border-radius: 4px; background: var(--center-channel-bg, #fff); color: inherit; font: inherit; color-scheme: inherit; }
.mc-input[type=date], .mc-input[type=time], .mc-input[type=number], select.mc-input { width: auto; }
.mc-input[aria-invalid=true] { border-color: var(--error-text, #d24b4e); }
.mc-error { margin: 4px 0 0; color: color-mix(in srgb, var(--error-text, #d24b4e) 75%, var(--center-channel-color, #3f4350)); }
.mc-help { margin: 4px 0 0; color: rgba(var(--center-channel-color-rgb, 63,67,80), .75); }
.mc-saved { min-height: 20px; }
.mc-note { margin: 0 0 16px; padding: 12px 16px; border-radius: 4px; background: rgba(var(--center-channel-color-rgb, 63,67,80), .08); }
.mc-icon-button { min-width: 32px; height: 32px; padding: 0 8px; border: 0; border-radius: 4px; background: none; color: inherit; font-size: 18px; cursor: pointer; }
.mc-icon-button:hover:not(:disabled) { background: rgba(var(--center-channel-color-rgb, 63,67,80), .08); }
.mc-button { min-height: 32px; padding: 4px 16px; border: 1px solid transparent; border-radius: 4px; background: rgba(var(--center-channel-color-rgb, 63,67,80), .08); color: var(--center-channel-color, #3f4350); font-weight: 600; cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; justify-content: center; }
a.mc-button, a.mc-button:hover { color: var(--center-channel-color, #3f4350); text-decoration: none; }
.mc-button-primary, a.mc-button-primary, a.mc-button-primary:hover { background: var(--button-bg, #1c58d9); color: var(--button-color, #fff); }
.mc-button-danger { background: color-mix(in srgb, var(--error-text, #d24b4e) 75%, var(--center-channel-color, #3f4350)); color: var(--center-channel-bg, #fff); }
.mc-button:disabled, .mc-button[aria-disabled=true], .mc-icon-button:disabled { opacity: .5; cursor: default; }
.mc-button[aria-pressed=true] { background: rgba(var(--button-bg-rgb, 28,88,217), .16); border-color: var(--button-bg, #1c58d9); }
.mc-dialog-window :focus-visible, .mc-member :focus-visible { outline: 2px solid var(--button-bg, #1c58d9); outline-offset: 1px; }
.mc-picker { position: relative; }
.mc-picker > p:empty { display: none; }
.mc-picker-list { position: absolute; inset-inline: 0; z-index: 4; max-height: 220px; overflow-y: auto; margin-top: 2px; padding: 4px 0; border: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .16); border-radius: 4px; background: var(--center-channel-bg, #fff); box-shadow: 0 8px 24px rgba(0, 0, 0, .12); }
.mc-picker-list[hidden] { display: none; }
.mc-picker-list > div { display: flex; flex-wrap: wrap; gap: 0 8px; padding: 6px 12px; cursor: pointer; }
.mc-picker-list > div[aria-selected=true], .mc-picker-list > div:hover { background: rgba(var(--button-bg-rgb, 28,88,217), .12); }
.mc-picker-list small { color: rgba(var(--center-channel-color-rgb, 63,67,80), .75); }
.mc-chips { display: flex; flex-wrap: wrap; gap: 4px; margin: 0 0 6px; padding: 0; list-style: none; }
.mc-chips li { display: flex; align-items: center; gap: 2px; max-width: 100%; padding-inline-start: 10px; border-radius: 16px; background: rgba(var(--center-channel-color-rgb, 63,67,80), .08); overflow-wrap: anywhere; }
.mc-chips .mc-icon-button { min-width: 28px; height: 28px; }
.mc-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 480px) { .mc-dialog-head, .mc-dialog-body, .mc-dialog-foot { padding-inline: 16px; } }
@media (forced-colors: active) { .mc-button, .mc-input { border: 1px solid ButtonBorder; } .mc-button[aria-pressed=true] { border-color: Highlight; } }
`;
