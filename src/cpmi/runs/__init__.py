"""Where methods, engines and files meet: scheduling flows, chunks, manifests, whole runs."""
