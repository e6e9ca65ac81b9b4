/** A list drawn anew while somebody fills in one of its forms: that form stays where it is, with what is typed and the focus. */

const FIELDS = "input, select, textarea";
const WHOLE = "details, form, label"; // kept as they are; of anything else that is named, what is inside it

type Field = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

function changed(field: Field): boolean {
  if (field instanceof HTMLSelectElement) return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

/** `data-keep`: a name among its neighbours, the same each time the list is drawn. */
function inUse(part: ChildNode): part is HTMLElement {
  if (!(part instanceof HTMLElement) || !part.dataset["keep"]) return false;
  if (!part.matches(WHOLE)) return [...part.children].some(inUse);
  if (part.matches("[data-sent]") || part.querySelector("[data-sent]")) return false;
  if (part instanceof HTMLDetailsElement) return part.open;
  return part.contains(document.activeElement) || [...part.querySelectorAll<Field>(FIELDS)].some(changed);
}

/** Puts `fresh` in place of what is there, around what is in use: an element that is moved loses the focus. */
export function renew(place: Element, fresh: readonly ChildNode[]): void {
  const names = new Map(fresh.map((one) => [one instanceof HTMLElement ? one.dataset["keep"] : undefined, one]));
  const held = new Map<ChildNode, HTMLElement>();
  for (const old of [...place.childNodes]) {
    const anew = inUse(old) && names.get(old.dataset["keep"]);
    if (anew) held.set(anew, old as HTMLElement);
    else old.remove();
  }
  fresh.forEach((one, n) => {
    const old = held.get(one);
    if (old && !old.matches(WHOLE)) renew(old, [...one.childNodes]);
    const here = place.childNodes[n] ?? null;
    if (here !== (old ?? one)) place.insertBefore(old ?? one, here);
  });
}

/** After `form` was sent: draws the list with its result, then goes to `goal`, unless somebody is in another form by now. */
export async function after(form: HTMLElement, draw: () => Promise<unknown>, goal: HTMLElement): Promise<void> {
  form.dataset["sent"] = "";
  try {
    await draw();
  } finally {
    delete form.dataset["sent"];
  }
  const here = document.activeElement;
  if (!here?.matches(FIELDS) || form.contains(here)) goal.focus();
}
