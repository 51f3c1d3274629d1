"""A website of what the archive holds, for reading it with nothing but a browser. ``site.browse`` makes it."""
