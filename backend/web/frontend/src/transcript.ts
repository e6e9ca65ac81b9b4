/**
 * What the lecture says, as text beside it: read, searched, and a way to the moment. A line leads no
 * further than the player allows; the search in all lessons is the server's.
 */

import { get } from "./api.ts";
import { at, during, el, say, show } from "./dom.ts";
import { clock } from "./format.ts";
import type { PlaySession, Title } from "./types.ts";
import { bilingual, t } from "./words.ts";

export interface Cue {
  fromMs: number;
  toMs: number;
  text: string;
}

interface Transcript {
  language: string | null;
  languages: { language: string; label: string }[];
  cues: Cue[];
}

interface Found extends Cue {
  lesson: string;
  title: Title;
}

const MOST_FOUND = 50;

const normal = (text: string): string => text.normalize("NFKC").toLowerCase();

/** Every word of the query occurs, in whichever width or case; lines of a caption are one text. */
export function fits(text: string, query: string): boolean {
  const spaced = normal(text.replaceAll("\n", " "));
  const joined = normal(text.replaceAll("\n", ""));
  return normal(query)
    .split(/\s+/)
    .every((word) => spaced.includes(word) || joined.includes(word));
}

/** The line that is said at `ms`, or the last one before; -1 before the first. */
export function lineAt(cues: Cue[], ms: number): number {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cues[middle]!.fromMs <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Fills `root`, and hides it where the lecture has no captions. */
export async function mountTranscript(root: HTMLElement, video: HTMLVideoElement, session: PlaySession): Promise<void> {
  jump(video, session.durationSeconds);
  await new View(root, video).load("");
}

/** `#t=75`: where a search in another lesson found something. */
function jump(video: HTMLVideoElement, duration: number): void {
  const second = Number(/^#t=(\d+)$/.exec(location.hash)?.[1] ?? Number.NaN);
  if (!(second < duration)) return;
  const go = (): void => void (video.currentTime = second);
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) go();
  else video.addEventListener("loadedmetadata", go, { once: true });
}

class View {
  private readonly lesson = at("lesson").dataset["lesson"] ?? "";
  private readonly programme = at("lesson").dataset["programme"] ?? "";
  private readonly language = el("select", { "aria-label": t("transcript.language") });
  private readonly query = el("input", { type: "search", maxlength: "100", "aria-label": t("transcript.search") });
  private readonly everywhere = el("button", { class: "plain" }, t("transcript.everywhere"));
  private readonly note = el("p", { role: "status", hidden: "" });
  private readonly lines = el("ol", { class: "lines" });
  private readonly others = el("ul", { class: "lines" });
  private readonly root: HTMLElement;
  private readonly video: HTMLVideoElement;
  private cues: Cue[] = [];
  private now = -1;

  constructor(root: HTMLElement, video: HTMLVideoElement) {
    this.root = root;
    this.video = video;
    const form = el("form", { role: "search", class: "menus" }, this.language, this.query, this.everywhere);
    const whole = el("details", {}, el("summary", {}, t("transcript.title")), form, this.note, this.others, this.lines);
    root.replaceChildren(whole);
    this.language.addEventListener("change", () => {
      void during(this.everywhere, this.note, () => this.load(this.language.value));
    });
    this.query.addEventListener("input", () => this.filter());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void during(this.everywhere, this.note, () => this.search());
    });
    video.addEventListener("timeupdate", () => this.follow());
  }

  async load(language: string): Promise<void> {
    const query = new URLSearchParams({ programme: this.programme, ...(language && { language }) });
    const found = await get<Transcript>(`/v1/lessons/${this.lesson}/transcript?${query}`);
    this.cues = found.cues;
    this.language.replaceChildren(
      ...found.languages.map((one) => el("option", { value: one.language, lang: one.language }, one.label)),
    );
    this.language.value = found.language ?? "";
    this.lines.lang = found.language ?? "";
    this.lines.replaceChildren(...found.cues.map((cue) => this.line(cue)));
    this.now = -1;
    show(this.root, found.language !== null);
    this.filter();
    this.follow();
  }

  private line(cue: Cue): HTMLElement {
    const button = el("button", { type: "button", class: "line" }, el("time", {}, clock(cue.fromMs / 1000)), ` ${cue.text}`);
    button.addEventListener("click", () => (this.video.currentTime = cue.fromMs / 1000));
    return el("li", {}, button);
  }

  private filter(): void {
    const wanted = this.query.value.trim();
    let shown = 0;
    this.cues.forEach((cue, number) => {
      const visible = !wanted || fits(cue.text, wanted);
      show(this.lines.children[number] as HTMLElement, visible);
      shown += Number(visible);
    });
    this.others.replaceChildren();
    say(this.note, wanted ? t("transcript.found", { n: shown }) : "");
  }

  private async search(): Promise<void> {
    const wanted = this.query.value.trim();
    if (!wanted) return;
    const query = new URLSearchParams({ q: wanted, programme: this.programme, limit: String(MOST_FOUND) });
    const { items } = await get<{ items: Found[] }>(`/v1/transcripts/search?${query}`);
    const elsewhere = items.filter((item) => item.lesson !== this.lesson);
    this.others.replaceChildren(...elsewhere.map((item) => this.elsewhere(item)));
    say(this.note, t("transcript.found-elsewhere", { n: elsewhere.length }));
  }

  private elsewhere(item: Found): HTMLElement {
    const second = Math.floor(item.fromMs / 1000);
    const href = `/learn/${encodeURIComponent(this.programme)}/${item.lesson}#t=${second}`;
    const link = el("a", { href }, `${item.lesson} ${bilingual(item.title)} ${clock(second)}`);
    return el("li", {}, link, ` ${item.text}`);
  }

  /** Marks the line that is being said. */
  private follow(): void {
    const now = lineAt(this.cues, this.video.currentTime * 1000);
    if (now === this.now) return;
    this.lines.children[this.now]?.removeAttribute("aria-current");
    this.lines.children[now]?.setAttribute("aria-current", "true");
    this.now = now;
  }
}
