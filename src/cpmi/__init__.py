"""Label the steps of a chain of thought with a language model's own probabilities."""
