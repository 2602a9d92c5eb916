"""The web side: health now, the pages and the JSON API of administrators and users beside it."""
