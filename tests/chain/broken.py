"""The command line with a download handler that is broken on purpose, as other tools are.

python -m chain.broken FAULT crawl … : `case` writes field names in title case, `dechunk` stores the entity in
place of the body, `query` loses the query of the request line.
"""

import re
import sys

from umecrawl.cli import main
from umecrawl.fetch import handler
from umecrawl.model.capture import Exchange
from umecrawl.model.message import dechunk


def faulty(fault: str, **facts) -> Exchange:
    """Return an exchange that is not what went over the wire."""
    if fault == "case":
        name = re.compile(rb"(?m)^[\w-]+(?=:)")
        facts["response_head"] = name.sub(lambda match: match[0].title(), facts["response_head"])
    elif fault == "dechunk" and b"chunked" in facts["response_head"]:
        facts["response_body"] = dechunk(facts["response_body"]).entity
    elif fault == "query":
        facts["request"] = re.sub(rb"\?\S*", b"", facts["request"], count=1)
    return Exchange(**facts)


if __name__ == "__main__":
    chosen, *command = sys.argv[1:]
    handler.Exchange = lambda **facts: faulty(chosen, **facts)
    sys.argv = ["umecrawl", *command]
    main()
