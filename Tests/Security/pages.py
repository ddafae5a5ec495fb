"""What a page consists of, as a parser of HTML sees it."""

import re
from html.parser import HTMLParser

# Elements without an end.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SCRIPT_SCHEMES = ("javascript:", "vbscript:", "data:")
# What formatting may put into the text of a message: elements with exactly these attributes, and what their values have to be.
_FORMATTING = {
    "strong": {}, "em": {}, "s": {}, "code": {}, "blockquote": {}, "ul": {}, "li": {},
    "ol": {"start": r"\d+"}, "pre": {"tabindex": "0", "data-language": r"\S+"},
    "a": {"href": r"(https?://|mailto:)[!-~]+", "rel": "noopener noreferrer nofollow", "target": "_blank"},
    "span": {"class": "link-host"},
}  # fmt: skip
_OPTIONAL = {"start", "data-language"}


class Page(HTMLParser):
    """A parsed page: its skeleton, which is everything but text, and its text.

    Two pages that differ only in what people wrote have the same skeleton, unless something of that became markup other
    than formatting.
    """

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        #: Start tags with the names of their attributes, end tags, comments and declarations, in order.
        self.skeleton = []
        #: The values of all attributes, with their element and name.
        self.attributes = []
        #: The text of each ``class="text"``, which is what a message says.
        self.messages = []
        #: The attributes of every form.
        self.forms = []
        self.text = ""
        self._open = []
        # How deep the message is that is being read, and its open elements of formatting.
        self._message = None
        self._formatting = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        is_text = tag in ("p", "div") and ("class", "text") in attributes
        if self._message and is_formatting(tag, dict(attributes)):
            self._formatting.append(len(self._open))
        else:
            # Only a paragraph cannot contain a list.
            self.skeleton.append(("text" if is_text else tag, tuple(name for name, _ in attributes)))
        if tag == "form":
            self.forms.append(dict(attributes))
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in _VOID:
            self._open.append(tag)
        if is_text:
            self.messages.append("")
            self._message = len(self._open)

    def handle_endtag(self, tag):
        if self._formatting and self._open and self._open[-1] == tag and self._formatting[-1] == len(self._open) - 1:
            self._formatting.pop()
        else:
            ends_text = self._message and len(self._open) == self._message and tag in ("p", "div")
            self.skeleton.append(("/text" if ends_text else "/" + tag,))
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if self._message and len(self._open) < self._message:
            self._message = None

    def handle_data(self, data):
        self.text += data
        if self._message:
            self.messages[-1] += data

    def handle_comment(self, data):
        self.skeleton.append(("comment", data))

    def handle_decl(self, declaration):
        self.skeleton.append(("declaration", declaration))

    def handle_pi(self, data):
        self.skeleton.append(("instruction", data))

    def unknown_decl(self, data):
        self.skeleton.append(("unknown", data))

    @property
    def handlers(self):
        """Attributes that would run a script."""
        return [
            (tag, name, value)
            for tag, name, value in self.attributes
            if name.startswith("on")
            or name in ("href", "src", "action", "formaction") and value.strip().lower().startswith(_SCRIPT_SCHEMES)
        ]


def is_formatting(tag, attributes):
    """Whether an element is one that formatting makes, and nothing of what people wrote is in its attributes but an address."""
    allowed = _FORMATTING.get(tag)
    if allowed is None or set(attributes) - set(allowed) or set(allowed) - _OPTIONAL - set(attributes):
        return False
    return all(re.fullmatch(allowed[name], value or "") for name, value in attributes.items())


def shown(message):
    """The text that a message of the API has on a page: without the marks of its formatting."""
    return _text_of(message["formatted"]) if "formatted" in message else message["text"]


def _text_of(parts):
    return "".join(
        part if isinstance(part, str) else _text_of(part["content"]) + (f" ({part['host']})" if "host" in part else "")
        for part in parts
    )


def written(text):
    """A text as both sides of a comparison write it: pages may break up clusters by a zero-width space, and a parser
    makes one thing of all line breaks and nothing of NUL."""
    for ignored in ("\u200b", "\u0000", "\ufffd", "\ufeff"):
        text = text.replace(ignored, "")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
