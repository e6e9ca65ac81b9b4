/** Fetches the pages' own Chinese font where a device has none: phones have one, and on a bad line
 *  its slices (0.7 MB) would come before the lecture. */

/** A device without the characters draws the same empty box for both. */
function drawsChinese(): boolean {
  const [first, second] = ["永", "鑫"].map(drawn);
  return first !== second;
}

function drawn(character: string): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 32;
  const context = canvas.getContext("2d");
  if (!context) return character; // cannot tell: as if it could
  context.font = "24px sans-serif";
  context.fillText(character, 2, 26);
  return canvas.toDataURL();
}

const sheet = document.currentScript?.dataset.fonts;
if (sheet && !drawsChinese()) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = sheet;
  document.head.append(link);
}
