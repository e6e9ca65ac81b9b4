"""Formulas in MathML to LaTeX: what presentation markup says of school and statistics formulas."""

from collections.abc import Mapping

from courses.exchange.xml_reading import Element

_SIGNS: Mapping[str, str] = {
    **{"×": r"\times", "÷": r"\div", "±": r"\pm", "≤": r"\le", "≥": r"\ge", "≠": r"\ne"},
    **{"≈": r"\approx", "∞": r"\infty", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "√": r"\surd"},
    **{"·": r"\cdot", "⋅": r"\cdot", "→": r"\to", "∈": r"\in", "∪": r"\cup", "∩": r"\cap"},
    **{"α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\epsilon"},
    **{"λ": r"\lambda", "μ": r"\mu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "θ": r"\theta"},
    **{"φ": r"\phi", "χ": r"\chi", "ω": r"\omega", "Δ": r"\Delta", "Σ": r"\Sigma", "Ω": r"\Omega"},
    **{"−": "-", "′": "'", "…": r"\dots", "⋯": r"\cdots", "∂": r"\partial", "∀": r"\forall"},
    **{"\u2061": "", "\u2062": "", "\u2063": ",", "\u2064": "+", "¯": r"\bar", "‾": r"\bar"},
}
_QUOTED = {sign: f"\\{sign}" for sign in "{}%#&_$"}
_FORMS: Mapping[str, tuple[int, str]] = {
    "msup": (2, "{{{0}}}^{{{1}}}"),
    "msub": (2, "{{{0}}}_{{{1}}}"),
    "msubsup": (3, "{{{0}}}_{{{1}}}^{{{2}}}"),
    "munder": (2, "{{{0}}}_{{{1}}}"),
    "munderover": (3, "{{{0}}}_{{{1}}}^{{{2}}}"),
    "mfrac": (2, r"\frac{{{0}}}{{{1}}}"),
    "mroot": (2, r"\sqrt[{1}]{{{0}}}"),
}
_ROWS = {"mrow", "mstyle", "mpadded", "semantics", "merror", "mtd"}


class NotUnderstood(Exception):
    """An element of MathML that has no LaTeX here; its name."""


def latex_of(math: Element) -> str:
    """Raises NotUnderstood. The LaTeX that an annotation keeps is taken as it is."""
    for note in math.iter("mml-annotation"):
        if note.get("encoding", "").lower() in {"application/x-tex", "tex", "latex", "text/x-tex"}:
            return (note.text or "").strip()
    return " ".join(_row(math).split())


def _row(element: Element) -> str:
    return " ".join(map(_latex, element))


def _latex(element: Element) -> str:
    name = str(element.tag).removeprefix("mml-")
    if name in {"mi", "mn", "mo", "mtext", "ms"}:
        return _token(name, "".join(element.itertext()).strip())
    if name in _ROWS:
        return _row(element)
    if name in {"annotation", "annotation-xml"}:
        return ""
    if name == "mspace":
        return r"\;"
    if name == "mphantom":
        return rf"\phantom{{{_row(element)}}}"
    if name == "msqrt":
        return rf"\sqrt{{{_row(element)}}}"
    if name == "mfenced":
        between = f" {(element.get('separators') or ',')[0]} "
        within = between.join(map(_latex, element))
        return f"{_fence(element.get('open', '('))} {within} {_fence(element.get('close', ')'))}"
    if name == "mover":
        return _over(element)
    if name == "mtable":
        rows = r" \\ ".join(" & ".join(map(_row, row)) for row in element)
        return rf"\begin{{matrix}} {rows} \end{{matrix}}"
    return _placed(name, element)


def _placed(name: str, element: Element) -> str:
    count, form = _FORMS.get(name, (-1, ""))
    if len(element) != count:
        raise NotUnderstood(name)
    return form.format(*map(_latex, element))


def _over(element: Element) -> str:
    if len(element) != 2:
        raise NotUnderstood("mover")
    base, above = _latex(element[0]), _latex(element[1])
    accents = {r"\bar": r"\bar", "^": r"\hat", "ˆ": r"\hat", "~": r"\tilde", r"\to": r"\vec"}
    if above in accents:
        return f"{accents[above]}{{{base}}}"
    return f"{{{base}}}^{{{above}}}"


def _token(name: str, words: str) -> str:
    if name in {"mtext", "ms"}:
        return rf"\text{{{words}}}" if words else ""
    if name == "mi" and len(words) > 1 and words.isascii() and words.isalpha():
        return rf"\mathrm{{{words}}}"
    if name == "mo" and words in {"^", "ˆ", "~"}:
        return words
    signs = (f" {_SIGNS[c]} " if c in _SIGNS else _QUOTED.get(c, c) for c in words)
    return " ".join("".join(signs).split())


def _fence(sign: str) -> str:
    return {"{": r"\{", "}": r"\}", "": "."}.get(sign, sign)
