"""WordPress: read by REST, XML-RPC, feed or export file; written as a page by REST."""
