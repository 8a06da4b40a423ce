/** Sizes of the grid of a day; PX is the height of a minute in pixels. */
export const PX = 0.8;

export const sidebarStyles = `
.mc-cal { position: relative; display: flex; flex: 1; flex-direction: column; min-height: 0; height: 100%; font-size: 14px; line-height: 20px; color: var(--center-channel-color, #3f4350); }
.mc-cal-bar { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; padding: 8px 12px; border-bottom: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .12); }
.mc-cal-bar h3 { flex: 1 1 100%; margin: 0; font-size: 14px; font-weight: 600; }
.mc-cal-bar .mc-cal-fill { flex: 1; }
.mc-cal-bar .mc-button { min-height: 28px; padding: 2px 10px; font-size: 12px; }
.mc-cal[dir=rtl] .mc-cal-bar svg { transform: scaleX(-1); }
.mc-cal-state { padding: 24px 20px; }
.mc-cal-state h4 { margin: 0 0 8px; font-size: 16px; font-weight: 600; }
.mc-cal-heads, .mc-cal-all, .mc-cal-grid { display: grid; grid-template-columns: 52px repeat(var(--mc-days), minmax(0, 1fr)); }
.mc-cal-heads, .mc-cal-all { padding-inline-end: 12px; border-bottom: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .12); }
.mc-cal-heads span { padding: 6px 4px; overflow: hidden; text-align: center; text-overflow: ellipsis; white-space: nowrap; font-size: 12px; font-weight: 600; }
.mc-cal-heads [data-today=true] { color: var(--link-color, #386fe5); }
.mc-cal-all { max-height: 108px; overflow-y: auto; }
.mc-cal-all > span { padding: 4px 6px; font-size: 11px; text-align: end; color: rgba(var(--center-channel-color-rgb, 63,67,80), .75); }
.mc-cal-all ul { display: grid; grid-template-columns: minmax(0, 1fr); gap: 2px; align-content: start; margin: 0; padding: 3px 2px; list-style: none; min-width: 0; }
.mc-cal-scroll { flex: 1; min-height: 0; overflow-y: auto; scrollbar-gutter: stable; }
.mc-cal-grid { position: relative; }
.mc-cal-hours { position: relative; }
.mc-cal-hours span { position: absolute; inset-inline-end: 6px; transform: translateY(-50%); font-size: 11px; color: rgba(var(--center-channel-color-rgb, 63,67,80), .75); }
.mc-cal-day { position: relative; min-width: 0; margin: 0; padding: 0; border: 0; border-inline-start: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .12); background-image: repeating-linear-gradient(to bottom, rgba(var(--center-channel-color-rgb, 63,67,80), .12) 0 1px, transparent 1px ${60 * PX}px); }
.mc-cal-slots { position: absolute; inset: 0; }
.mc-cal-day ul { margin: 0; padding: 0; list-style: none; }
.mc-cal-day li { position: absolute; padding: 0 1px 1px; }
.mc-cal-event { display: flex; flex-direction: column; justify-content: flex-start; width: 100%; height: 100%; min-height: 18px; padding: 1px 6px; overflow: hidden; border: 0; border-inline-start: 3px solid var(--button-bg, #1c58d9); border-radius: 4px; background: color-mix(in srgb, var(--button-bg, #1c58d9) 16%, var(--center-channel-bg, #fff)); color: var(--center-channel-color, #3f4350); font-size: 12px; line-height: 16px; text-align: start; cursor: pointer; }
.mc-cal-event strong, .mc-cal-event span { flex: none; min-width: 0; max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mc-cal-event strong { font-weight: 600; }
.mc-cal-event[data-short=true] { flex-direction: row; gap: 6px; justify-content: start; align-items: center; }
.mc-cal-event[data-short=true] span { flex: 0 1 auto; }
.mc-cal-event[data-look=open] { border-inline-start-style: dashed; background: var(--center-channel-bg, #fff); box-shadow: inset 0 0 0 1px var(--button-bg, #1c58d9); }
.mc-cal-event[data-look=maybe] { background: repeating-linear-gradient(135deg, color-mix(in srgb, var(--button-bg, #1c58d9) 18%, var(--center-channel-bg, #fff)) 0 6px, color-mix(in srgb, var(--button-bg, #1c58d9) 8%, var(--center-channel-bg, #fff)) 6px 12px); }
.mc-cal-event[data-look=off] { border-inline-start-color: rgba(var(--center-channel-color-rgb, 63,67,80), .4); background: rgba(var(--center-channel-color-rgb, 63,67,80), .08); text-decoration: line-through; }
.mc-cal-event[data-look=free] { border-inline-start-color: rgba(var(--center-channel-color-rgb, 63,67,80), .56); background: rgba(var(--center-channel-color-rgb, 63,67,80), .08); }
.mc-cal-now { position: absolute; inset-inline: 0; z-index: 2; height: 0; border-top: 2px solid var(--error-text, #d24b4e); pointer-events: none; }
.mc-cal-now::before { content: ""; position: absolute; inset-inline-start: -4px; top: -5px; width: 8px; height: 8px; border-radius: 50%; background: var(--error-text, #d24b4e); }
.mc-cal-agenda { flex: 1; min-height: 0; overflow-y: auto; padding: 0 12px 16px; }
.mc-cal-agenda h4 { margin: 16px 0 6px; font-size: 12px; font-weight: 600; }
.mc-cal-agenda ul { display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; margin: 0; padding: 0; list-style: none; }
.mc-cal-agenda .mc-cal-event { padding: 4px 8px; }
.mc-cal-sheet { position: absolute; inset-inline: 0; bottom: 0; z-index: 3; max-height: 80%; overflow-y: auto; padding: 16px 20px 20px; border-top: 1px solid rgba(var(--center-channel-color-rgb, 63,67,80), .16); border-radius: 12px 12px 0 0; background: var(--center-channel-bg, #fff); box-shadow: 0 -8px 24px rgba(0, 0, 0, .16); }
.mc-cal-sheet > header { display: flex; gap: 8px; justify-content: space-between; align-items: start; }
.mc-cal-sheet h4 { margin: 4px 0; font-size: 16px; font-weight: 600; overflow-wrap: anywhere; }
.mc-cal-sheet h4:focus { outline: none; }
.mc-cal-sheet dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 4px 12px; margin: 8px 0 12px; }
.mc-cal-sheet dt { font-weight: 400; color: rgba(var(--center-channel-color-rgb, 63,67,80), .75); }
.mc-cal-sheet dd { margin: 0; overflow-wrap: anywhere; }
.mc-cal-sheet .mc-pair { margin-bottom: 12px; }
`;
