"""The files, folders and pipes that a user may give, down to raw records.

`files` finds the files that a source names, `pipes` keeps what comes through one, `unpacking` undoes gzip and
zstandard, `kinds` tells by the first bytes what a file is, and each kind has a reader of its own.
"""
