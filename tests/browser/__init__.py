"""The site in a headless Chromium, on a server of its own with a small demonstration.

`python -m tests.browser.shots DIR` takes pictures of a running demonstration instead.
`vendor/` holds axe-core 4.14.1 (MPL 2.0, unchanged), which is used here only and no part of the site.
"""
