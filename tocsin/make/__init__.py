"""Making: from jobs to an output tree that is replaced only when it is whole."""
