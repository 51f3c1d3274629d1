"""One source, many forms: pages, one file, a PDF, plain text. Each is made of the document that a release holds."""
