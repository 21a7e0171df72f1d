"""Where methods, engines and files meet: driving flows, units of work, manifests, whole runs."""
