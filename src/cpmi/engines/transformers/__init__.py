"""Language models of transformers: the tree path, the plain path, batched sampling."""

from cpmi.engines.transformers.engine import TransformersEngine
from cpmi.engines.transformers.load import load_engine

__all__ = ["TransformersEngine", "load_engine"]
