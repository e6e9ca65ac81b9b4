/** What items ask of a learner and what is answered: shapes of the API, without any key. */

export type Inline =
  | { type: "text"; text: string; strong: boolean; emphasis: boolean; script: "line" | "below" | "above" }
  | { type: "formula"; latex: string; alt: string }
  | { type: "gap"; id: string };
export type Line = Inline[];

export interface Table {
  type: "table";
  rows: Line[][];
  /** How many of the rows are headings. */
  headers: number;
  caption: string;
}

export interface Image {
  type: "image";
  sha256: string;
  format: string;
  alt: string;
}

export type Block =
  | { type: "paragraph"; content: Line }
  | { type: "list"; entries: Line[]; numbered: boolean }
  | Table
  | Image;
export type RichText = string | Block[];

export interface ShownOption {
  id: string;
  text: RichText;
}

interface Shown {
  id: string;
  stem: RichText;
  points: number;
}

export interface ShownChoice extends Shown {
  kind: "single" | "multiple" | "true-false";
  options: ShownOption[];
}
export interface ShownOrdering extends Shown {
  kind: "ordering";
  options: ShownOption[];
}
export interface ShownMatching extends Shown {
  kind: "matching";
  left: ShownOption[];
  right: ShownOption[];
}
export interface ShownNumeric extends Shown {
  kind: "numeric";
  units: string[];
}
export interface ShownShortText extends Shown {
  kind: "short-text";
}
export type ShownGap =
  | { kind: "single"; id: string; options: ShownOption[] }
  | { kind: "numeric"; id: string; units: string[] }
  | { kind: "short-text"; id: string };
export interface ShownCloze extends Shown {
  kind: "cloze";
  gaps: ShownGap[];
}
export interface ShownEssay extends Shown {
  kind: "essay";
  /** In characters. */
  atLeast: number;
  atMost: number;
}
export type ShownPart =
  | ShownChoice
  | ShownOrdering
  | ShownMatching
  | ShownNumeric
  | ShownShortText
  | ShownCloze
  | ShownEssay;
export interface ShownCase extends Shown {
  kind: "case";
  parts: ShownPart[];
}
export type ShownItem = ShownPart | ShownCase;

export interface Picked {
  kind: "choice";
  picked: string[];
}
export interface Ordered {
  kind: "order";
  order: string[];
}
export interface Paired {
  kind: "pairs";
  pairs: Record<string, string>;
}
export interface Numbered {
  kind: "number";
  value: string;
  unit: string;
}
export interface Written {
  kind: "text";
  text: string;
}
export type GapAnswer = Picked | Numbered | Written;
export interface Filled {
  kind: "gaps";
  gaps: Record<string, GapAnswer>;
}
export type PartAnswer = Picked | Ordered | Paired | Numbered | Written | Filled;
export interface Parts {
  kind: "parts";
  parts: Record<string, PartAnswer>;
}
export type Answer = PartAnswer | Parts;
