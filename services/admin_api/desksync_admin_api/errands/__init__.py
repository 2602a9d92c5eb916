"""What pages and the API order to be done in the background: previews, undos, cleaning, the list of users.

A handler orders with `desksync.store.errands.order` and looks with `get_errand`; `loop` carries out, `work` says how.
"""
