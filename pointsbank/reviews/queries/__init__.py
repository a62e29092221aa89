"""What can be asked: what happened to cases (``facts``), frozen reviews (``frozen``), what all see (``public``)."""
