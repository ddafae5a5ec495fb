"""What a page consists of, as a parser of HTML sees it."""

from html.parser import HTMLParser

# Elements without an end.
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_SCRIPT_SCHEMES = ("javascript:", "vbscript:", "data:")


class Page(HTMLParser):
    """A parsed page: its skeleton, which is everything but text, and its text.

    Two pages that differ only in what people wrote have the same skeleton, unless something of that became markup.
    """

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        #: Start tags with the names of their attributes, end tags, comments and declarations, in order.
        self.skeleton = []
        #: The values of all attributes, with their element and name.
        self.attributes = []
        #: The text of each ``<p class="text">``, which is what a message says.
        self.messages = []
        #: The attributes of every form.
        self.forms = []
        self.text = ""
        self._open = []
        # How deep the message is that is being read.
        self._message = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.skeleton.append((tag, tuple(name for name, _ in attributes)))
        if tag == "form":
            self.forms.append(dict(attributes))
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "p" and ("class", "text") in attributes:
            self.messages.append("")
            self._message = len(self._open)

    def handle_endtag(self, tag):
        self.skeleton.append(("/" + tag,))
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


def written(text):
    """A text as both sides of a comparison write it: pages may break up clusters by a zero-width space, and a parser
    makes one thing of all line breaks and nothing of NUL."""
    for ignored in ("\u200b", "\u0000", "\ufffd", "\ufeff"):
        text = text.replace(ignored, "")
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()
