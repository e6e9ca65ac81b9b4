/** Thumbnails for scrubbing: WebVTT whose cues name parts of pictures. Pure. */

export interface Thumbnail {
  from: number;
  to: number;
  picture: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const CUE = /^(?:(\d+):)?(\d+):(\d+\.\d+) --> (?:(\d+):)?(\d+):(\d+\.\d+)[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/gm;

const seconds = (hours: string | undefined, minutes: string, rest: string): number =>
  Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(rest);

/** In the order of the file; `base` is the file's own address, which pictures are relative to. */
export function thumbnails(vtt: string, base: string): Thumbnail[] {
  return [...vtt.replaceAll("\r\n", "\n").matchAll(CUE)].map((cue) => ({
    from: seconds(cue[1], cue[2]!, cue[3]!),
    to: seconds(cue[4], cue[5]!, cue[6]!),
    picture: new URL(cue[7]!, base).href,
    x: Number(cue[8]),
    y: Number(cue[9]),
    width: Number(cue[10]),
    height: Number(cue[11]),
  }));
}

/** The picture of that second; past the end the last one. */
export function thumbnailAt(all: Thumbnail[], second: number): Thumbnail | null {
  return all.find((one) => second < one.to) ?? all.at(-1) ?? null;
}
