"""Japanese and English: what is said (`texts`), how it is translated (`catalogue`), which of the two is wanted (`choice`).

The English words are the keys. The Japanese ones stand in `ja/*.po`, one file for each area; a test finds what is missing.
"""
