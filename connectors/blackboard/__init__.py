"""Blackboard Learn: the Content Collection by WebDAV, and the zip files that its owner downloads."""
