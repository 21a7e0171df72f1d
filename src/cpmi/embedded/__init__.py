"""The offline default: a small world of word problems with known truth, and a small model made for it."""
