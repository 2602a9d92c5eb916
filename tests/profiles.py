"""How hard Hypothesis tries, by the environment variable `HYPOTHESIS_PROFILE`.

`default` tries the same examples every time and `few` the first of them;
`many` ten times as many, new ones every time; `hunt` stops at the first failure.
"""

import os

from hypothesis import settings

settings.register_profile("default", max_examples=200, deadline=None, derandomize=True, database=None)
settings.register_profile("few", max_examples=20, deadline=None, derandomize=True, database=None)
settings.register_profile("many", max_examples=2000, deadline=None, database=None, print_blob=True)
settings.register_profile("hunt", max_examples=500, deadline=None, database=None, report_multiple_bugs=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
