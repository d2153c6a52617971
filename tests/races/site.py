"""python -m tests.races.site URL PORT [GUARD...]: the site on a race's database, without the guards named."""

import sys

from mallops.serve import serve

from . import jobs

if __name__ == "__main__":
    url, port, *without = sys.argv[1:]
    jobs.enter(url, tuple(without))
    serve(host="127.0.0.1", port=int(port), workers=2, threads=64, tasks=False)
