"""Process reward models: train them on targets, package them, score chains with them.

Importing this package loads neither torch nor transformers; its modules do.
"""
