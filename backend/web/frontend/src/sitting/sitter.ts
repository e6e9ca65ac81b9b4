/** Whose exam this browser holds: asked on every page, so it costs no more than a look. */

const SITTER = "guanbiao.sitter";

/** Null: nobody's. Empty: of people who are not signed in. */
export const sitterHere = (): string | null => localStorage.getItem(SITTER);

export const noteSitter = (learner: string): void => localStorage.setItem(SITTER, learner);

export const forgetSitter = (): void => localStorage.removeItem(SITTER);
