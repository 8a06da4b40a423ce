/** The colour scheme for the browser's own controls that matches the web app's theme. */
export function colorScheme(): "dark" | "light" {
  const rgb = getComputedStyle(document.documentElement).getPropertyValue("--center-channel-bg-rgb");
  const [red = 255, green = 255, blue = 255] = rgb.split(",").map(Number);
  // Rec. 601 luma.
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? "dark" : "light";
}
