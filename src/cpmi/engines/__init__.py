"""Language models at work. Nothing here is loaded until an engine is asked for."""
