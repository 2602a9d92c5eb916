"""The web side: pages for users and administrators, the JSON API for machines, sign-in, and what runs in the background for them.

Knows the library, and neither NEO's nor Google's wire: what it needs of them comes in as objects (`doors`). Read `web`, then
`access.gate`, then one page (`pages.overview`). README.md beside this package says how to add a page or an API route.
"""
